import { readScene } from '@mindfuse/scene'
import { eventually } from '@mindfuse/testing'
import { setPersistence, setupWSConnection } from '@y/websocket-server/utils'
import { expect, vi } from 'vitest'
import WebSocket, { WebSocketServer } from 'ws'
import { ExcalidrawBinding as YExcalidrawBinding } from 'y-excalidraw'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { addMember } from '../../../test/support/people.ts'
import { test as base } from '../../../test/support/sdk-fixtures.ts'
import { ExcalidrawBinding } from '../src/excalidraw-binding.ts'
import { type Pointer, RecordedSession } from './recorded-session.ts'
import { SimulatedExcalidraw } from './simulated-excalidraw.ts'

const PEOPLE = ['ada', 'alan', 'grace']
/** `TRAFFIC_SECONDS=300 npx vitest run packages/excalidraw/test/traffic.test.ts` is a whole session. */
const DURATION_MS = Number(process.env.TRAFFIC_SECONDS ?? 15) * 1_000

/** One person's Excalidraw, and what is told where the pointer is. */
interface Seat {
  excalidraw: SimulatedExcalidraw
  point(pointer: Pointer): void
}

/** The same people on one board. */
interface Table {
  seats: readonly Seat[]
  /** What all of their sockets carried, in both directions, bytes. */
  carried(): number
  /** What is stored, each edit by itself, bytes. */
  stored(): Promise<number>
  /** The ids of what is on the board. */
  ids(): string[]
}

/** A WebSocket class that counts what its sockets carry. */
function countingWebSocket() {
  let bytes = 0
  class CountingWebSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols)
      this.on('message', (data: Buffer | ArrayBuffer) => {
        bytes += Buffer.byteLength(data)
      })
    }

    override send(data: any): void {
      bytes += Buffer.byteLength(data)
      super.send(data)
    }
  }
  return { WebSocket: CountingWebSocket as any, carried: () => bytes }
}

const test = base
  /** On a board, with the SDK. */
  .extend('ours', async ({ stack, newBoard, person, connect }, { onCleanup }): Promise<Table> => {
    const boardId = await newBoard()
    await addMember(stack, boardId, await person('grace'), 'editor')
    const { WebSocket, carried } = countingWebSocket()
    const people = await Promise.all(PEOPLE.map(person))
    const boards = people.map((each) =>
      connect(each, { environment: { WebSocket } }).board(boardId),
    )
    await Promise.all(boards.map((board) => board.whenSynced()))
    // All that a binding wants of it is whether the page is hidden.
    vi.stubGlobal('document', new EventTarget())
    const bindings: ExcalidrawBinding[] = []
    onCleanup(() => {
      for (const binding of bindings) binding.close()
      vi.unstubAllGlobals()
    })
    const seats = boards.map((board) => {
      const excalidraw = new SimulatedExcalidraw()
      const binding = new ExcalidrawBinding(board, excalidraw)
      bindings.push(binding)
      const point = ({ button, ...pointer }: Pointer) =>
        binding.pointed({
          pointer: { ...pointer, tool: 'pointer' },
          button,
          pointersMap: new Map(),
        })
      return { excalidraw, point }
    })
    const text = 'SELECT sum(length(update))::int AS bytes FROM board_updates WHERE board_id = $1'
    return {
      seats,
      carried,
      async stored() {
        for (const board of boards) await board.whenSaved()
        return (await stack.database.query(text, [boardId]))[0]?.bytes as number
      },
      ids: () => readScene(boards[0]!.doc).elements.map(({ id }) => id),
    }
  })
  /** With y-excalidraw and y-websocket, and its server as it comes. */
  .extend('theirs', async ({ task: _ }, { onCleanup }): Promise<Table> => {
    let stored = 0
    setPersistence({
      bindState(_name: string, doc: Y.Doc) {
        // As its LevelDB has them.
        doc.on('update', (update: Uint8Array) => {
          stored += update.length
        })
      },
      writeState: async () => undefined,
      provider: undefined,
    })
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
    server.on('connection', (socket, request) => setupWSConnection(socket, request))
    await new Promise((resolve) => server.once('listening', resolve))
    const url = `ws://127.0.0.1:${(server.address() as { port: number }).port}`
    const { WebSocket: WebSocketPolyfill, carried } = countingWebSocket()
    const providers = PEOPLE.map(
      () =>
        new WebsocketProvider(url, 'board', new Y.Doc(), { WebSocketPolyfill, disableBc: true }),
    )
    onCleanup(() => {
      for (const provider of providers) provider.destroy()
      server.close()
    })
    await eventually('all are connected', () => providers.every(({ synced }) => synced))
    const seats = providers.map(({ doc, awareness }, i) => {
      awareness.setLocalStateField('user', { name: PEOPLE[i] })
      const excalidraw = new SimulatedExcalidraw()
      const elements = doc.getArray<Y.Map<any>>('elements')
      const api = excalidraw as any
      const binding = new YExcalidrawBinding(elements, doc.getMap('assets'), api, awareness)
      const point = ({ button, ...pointer }: Pointer) =>
        binding.onPointerUpdate({ pointer: { ...pointer, tool: 'pointer' }, button })
      return { excalidraw, point }
    })
    return {
      seats,
      carried,
      stored: async () => stored,
      ids: () => providers[0]!.doc.getArray<any>('elements').map((map) => map.get('el').id),
    }
  })

test('a session costs a fifth at most of what it does with y-excalidraw', {
  timeout: DURATION_MS + 120_000,
}, async ({ ours, theirs, annotate }) => {
  const { steps } = new RecordedSession(PEOPLE.length, DURATION_MS)
  const startedAt = performance.now()
  for (const { at, person, pointer, act } of steps) {
    const early = startedAt + at - performance.now()
    if (early > 0) await delay(early)
    for (const { seats } of [ours, theirs]) {
      const seat = seats[person]!
      if (pointer) seat.point(pointer)
      act?.(seat.excalidraw)
    }
  }
  await expect.poll(() => ours.ids().toSorted()).toEqual(theirs.ids().toSorted())
  const carried = [ours.carried(), theirs.carried()] as const
  const stored = [await ours.stored(), await theirs.stored()] as const
  await annotate(
    [['sent', ...carried] as const, ['stored', ...stored] as const]
      .map(([name, a, b]) => `${name}: ${a} and ${b} bytes, ${(a / b).toFixed(3)}`)
      .join('; '),
  )
  expect(carried[0]).toBeLessThan(carried[1] / 5)
  expect(stored[0]).toBeLessThan(stored[1] / 5)
})

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
