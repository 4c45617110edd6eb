import type { Board, ConnectionState } from '@mindfuse/client'
import { eventually } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import { converged, createCountingWebSocket, draw, shapesOf } from '../support/sdk.ts'
import { addressOf, proxiedTest } from '../support/sdk-fixtures.ts'

const test = proxiedTest
  .extend('board', ({ open, ada }) => open(ada))
  /** Another person's, on a good connection, to compare with. */
  .extend('witness', ({ open, alan, stack }) => open(alan, {}, stack))

const statesOf = (board: Board): ConnectionState[] => {
  const states: ConnectionState[] = []
  board.on('status', (state) => states.push(state))
  return states
}

const isOnline = (board: Board) => board.status.kind === 'online'

describe('a line that is cut', () => {
  test('comes back, and what was drawn on both sides meanwhile is there', async ({
    witness,
    proxy,
    readStored,
    board,
  }) => {
    draw(board, 'before')
    await board.whenSaved()
    proxy.refuse()
    await eventually('it is offline', () => board.status.kind === 'offline')
    expect(board.saved).toBe(true)
    draw(board, 'hers')
    expect(board.saved).toBe(false)
    draw(witness, 'his')
    proxy.pass()
    await board.whenSaved()
    expect(await converged([board, witness])).toEqual({ before: true, hers: true, his: true })
    expect(await readStored()).toEqual({ before: true, hers: true, his: true })
  })

  test('shows the own cursor again, and nobody joins twice', async ({ witness, proxy, board }) => {
    board.presence.update({ cursor: { x: 1, y: 2 }, selection: ['a'] })
    board.presence.viewport({ x: 0, y: 0, zoom: 3 })
    const seesHer = () => {
      const [hers] = witness.presence.others
      return hers?.cursor?.x === 1 && hers.viewport?.zoom === 3 && hers.selection[0] === 'a'
    }
    await eventually('he sees her', seesHer)
    await eventually('she sees him', () => board.presence.others.length === 1)
    const heard: string[] = []
    board.presence.on('join', ({ id }) => heard.push(`join ${id}`))
    board.presence.on('leave', ({ id }) => heard.push(`leave ${id}`))
    let wentAway = false
    witness.presence.on('leave', () => {
      wentAway = true
    })
    proxy.cut()
    await eventually('he saw her go', () => wentAway)
    await eventually('he sees her again, where she was', seesHer)
    await eventually('she sees him again', () => board.presence.others.length === 1)
    expect(heard).toEqual([])
  })

  test('in the middle of drawing loses nothing and saves nothing too early', async ({
    witness,
    proxy,
    readStored,
    board,
  }) => {
    const drawn: string[] = []
    const missing: Promise<string[]>[] = []
    board.on('saved', (isSaved) => {
      if (!isSaved) return
      const expected = [...drawn]
      missing.push(readStored().then((stored) => expected.filter((name) => !stored[name])))
    })
    for (let round = 0; round < 9; round++) {
      for (let i = 0; i < 5; i++) {
        drawn.push(draw(board))
        await new Promise(setImmediate)
      }
      proxy.cut()
      drawn.push(draw(board))
      if (round % 3 === 0) await eventually('it is back', () => isOnline(board))
    }
    await board.whenSaved()
    expect(Object.keys(await converged([board, witness])).sort()).toEqual([...drawn].sort())
    expect((await Promise.all(missing)).flat()).toEqual([])
    expect(missing.length).toBeGreaterThan(0)
  })
})

describe('a line that hangs', () => {
  test('is noticed within the heartbeat, and given up', async ({ open, ada, witness, proxy }) => {
    const board = await open(ada, { heartbeatSeconds: 1.5 })
    proxy.stall()
    const stalledAt = Date.now()
    draw(board, 'hers')
    await eventually('it is given up', () => !isOnline(board))
    // Two heartbeats on a busy machine; by itself TCP takes minutes.
    expect(Date.now() - stalledAt).toBeLessThan(10_000)
    expect(board.saved).toBe(false)
    proxy.pass()
    await board.whenSaved()
    await eventually('he sees it', () => shapesOf(witness).hers)
  })

  test('while it is being opened is given up too', async ({ proxy, connect, ada, boardId }) => {
    proxy.stall()
    const board = connect(ada, { heartbeatSeconds: 0.5 }).board(boardId)
    await eventually('the attempt ends', () => board.status.kind === 'offline')
    proxy.pass()
    await board.whenSynced()
  })

  test('is kept open through a proxy that cuts idle lines', async ({
    startProxy,
    open,
    ada,
    stack,
  }) => {
    const impatient = await startProxy({ cutIdleMs: 600 })
    const { WebSocket, counted } = createCountingWebSocket()
    const options = { heartbeatSeconds: 0.9, environment: { WebSocket } }
    const board = await open(ada, options, addressOf(stack, impatient))
    const { status } = board
    await eventually('it was idle for long', () => counted.pongs >= 6)
    expect(board.status).toBe(status)
    expect(counted.attempts).toBe(1)
  })
})

describe('coming back', () => {
  test('has one attempt on its way at a time, and its delays are spread', async ({
    open,
    ada,
    proxy,
  }) => {
    const { WebSocket, counted } = createCountingWebSocket()
    const boards = await Promise.all(
      Array.from({ length: 40 }, () => open(ada, { environment: { WebSocket } })),
    )
    const states = boards.map(statesOf)
    const cutAt = Date.now()
    counted.attempts = 0
    counted.mostPending = 0
    proxy.refuse()
    const offline = () =>
      states.map((heard) => heard.filter((state) => state.kind === 'offline').length)
    await eventually('each failed twice', () => offline().every((count) => count >= 2))
    for (const heard of states) {
      // Between two delays lies one attempt, and between two attempts a delay.
      const kinds = heard.map(({ kind }) => kind)
      for (const [i, kind] of kinds.entries()) expect(kind).not.toBe(kinds[i + 1])
    }
    const firstRetries = states.map(
      (heard) => heard.find((state) => state.kind === 'offline')!.retryAt - cutAt,
    )
    // 40 even draws from one second: less than a third falls into any tenth of it.
    const tenths = new Map<number, number>()
    for (const delay of firstRetries) {
      const tenth = Math.floor(delay / 100)
      tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1)
    }
    expect(Math.max(...tenths.values())).toBeLessThan(40 / 3)
    expect(Math.max(...firstRetries) - Math.min(...firstRetries)).toBeGreaterThan(500)
    expect(counted.mostPending).toBeLessThanOrEqual(40)
    proxy.pass()
    for (const board of boards) board.connect()
    await Promise.all(boards.map((board) => eventually('it is back', () => isOnline(board))))
  })

  test('after a restart happens when the gateway said', async ({ open, ada, stack }) => {
    const boards = await Promise.all(Array.from({ length: 20 }, () => open(ada)))
    const states = boards.map(statesOf)
    draw(boards[0]!, 'before')
    await boards[0]!.whenSaved()
    await stack.restartGateway()
    const restartedAt = Date.now()
    const waits = await Promise.all(
      states.map((heard) =>
        eventually('it is offline', () => heard.find((state) => state.kind === 'offline')),
      ),
    )
    expect(new Set(waits.map(({ code }) => code))).toEqual(new Set(['service_restart']))
    const delays = waits.map(({ retryAt }) => retryAt - restartedAt)
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(2_000)
    draw(boards[1]!, 'meanwhile')
    await Promise.all(boards.map((board) => board.whenSaved()))
    await Promise.all(boards.map((board) => eventually('it is back', () => isOnline(board))))
    expect(await converged(boards)).toEqual({ before: true, meanwhile: true })
  })
})
