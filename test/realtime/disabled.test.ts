import { CLOSE_CODES } from '@mindfuse/protocol'
import { createBoard, type SignedIn } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWith } from '../support/fixtures.ts'

const ROUNDS = 50

/** Within which a disabled person is out everywhere, counted from the request, milliseconds. */
const OUT_WITHIN_MS = 1_000

const MINUTE_MS = 60_000

// Gateways check every connection each hour, not every 30 seconds: here only the event can close any.
const test = testWith({ gateways: 2, sweepIntervalMs: 60 * MINUTE_MS })

test(`AUTH-11: connections of a disabled person close within a second on every gateway, ${ROUNDS} times of ${ROUNDS}`, {
  timeout: 5 * MINUTE_MS,
}, async ({ administrator, annotate, as, person, stack, whiteboard }) => {
  const act = ({ user }: SignedIn, what: string) =>
    as(administrator, `/api/admin/people/${user.id}/${what}`, { body: {} })
  const bystander = await person('bystander')
  const elsewhere = await createBoard(stack.apiUrl, bystander.accessToken)
  const unconcerned = await Promise.all(
    [0, 1].map((gateway) => whiteboard(gateway, bystander, elsewhere)),
  )
  const tookMs: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const mallory = await person('mallory')
    const boardId = await createBoard(stack.apiUrl, mallory.accessToken)
    const clients = await Promise.all(
      [0, 1].map((gateway) => whiteboard(gateway, mallory, boardId)),
    )
    const closed = Promise.all(
      clients.map(({ socket }) => {
        return new Promise<[code: number, at: number]>((resolve) => {
          socket.addEventListener('close', ({ code }) => resolve([code, performance.now()]))
        })
      }),
    )
    const startedAt = performance.now()
    expect((await act(mallory, 'disable')).status).toBe(204)
    for (const [code, at] of await closed) {
      expect(code).toBe(CLOSE_CODES.SESSION_ENDED)
      tookMs.push(at - startedAt)
    }
    await act(mallory, 'enable')
  }
  tookMs.sort((a, b) => a - b)
  const [median, worst] = [tookMs[ROUNDS], tookMs.at(-1)]
  await annotate(`median ${median?.toFixed()} ms, worst ${worst?.toFixed()} ms`)
  expect(worst).toBeLessThan(OUT_WITHIN_MS)
  for (const { socket } of unconcerned) expect(socket.readyState).toBe(socket.OPEN)
})
