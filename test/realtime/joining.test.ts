import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { decodeFrame, decodeStateVector } from '@mindfuse/protocol'
import type { SharedState } from '@mindfuse/shared-state'
import { connectRaw, createBoard, eventually, type RawClient, signIn } from '@mindfuse/testing'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { documentCalls, recordedDoc } from '../support/documents.ts'
import { type Stack, startStack } from '../support/stack.ts'

const JOINERS = 30

/** How long a load may take where others keep the machine busy. */
const BUSY_MACHINE_MS = 30_000

/** Where Node tells of requests that its servers get: the API's, in this process. */
const REQUESTS = 'http.server.request.start'

/** What the gateway did, in order: heard a board's channel from then on, or asked the API. */
const steps: string[] = []
const noteRequest = (message: unknown) =>
  steps.push(`request ${(message as { request: IncomingMessage }).request.url}`)
const clients: RawClient[] = []
let stack: Stack

beforeAll(async () => {
  subscribe(REQUESTS, noteRequest)
  const watched = (sharedState: SharedState): SharedState => ({
    ...sharedState,
    relay: {
      ...sharedState.relay,
      async subscribe(boardId, listener) {
        const end = await sharedState.relay.subscribe(boardId, listener)
        steps.push(`subscribed ${boardId}`)
        return end
      },
    },
  })
  stack = await startStack({ spoil: watched })
})
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy()
})
afterAll(async () => {
  unsubscribe(REQUESTS, noteRequest)
  await stack.stop()
})

test('SYNC-2 SYNC-3 RELAY-4: however many join at once, the room listens, loads once, and asks each', async () => {
  const { accessToken, user } = await signIn(stack.apiUrl, 'ada@example.com')
  const boardId = await createBoard(stack.apiUrl, accessToken)
  const { doc, updates } = recordedDoc()
  for (let i = 0; i < 10; i++) doc.getMap('shapes').set(`shape-${i}`, i)
  await documentCalls(stack).append(boardId, user.id, ...updates)

  steps.length = 0
  const url = `${stack.realtimeUrl}/${boardId}?token=${accessToken}`
  await Promise.all(
    Array.from({ length: JOINERS }, async () => {
      clients.push(await connectRaw(url))
    }),
  )
  await eventually(
    'each is asked',
    () => clients.every(({ frames }) => frames.length > 0),
    BUSY_MACHINE_MS,
  )
  for (const { frames } of clients) {
    const frame = decodeFrame(frames[0]!)
    expect(frame.kind).toBe('sync-step-1')
    const { stateVector } = frame as { stateVector: Uint8Array }
    expect(decodeStateVector(stateVector)).toEqual(new Map([[doc.clientID, 10]]))
  }
  const opening = steps.filter((step) => /^subscribed|\/document\b/.test(step))
  expect(opening).toEqual([
    `subscribed ${boardId}`,
    expect.stringContaining(`/internal/boards/${boardId}/document?after=0`),
  ])
})
