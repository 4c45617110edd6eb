import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import { decodeFrame, decodeStateVector } from '@mindfuse/protocol'
import type { SharedState } from '@mindfuse/shared-state'
import { connectRaw, eventually } from '@mindfuse/testing'
import { afterAll, beforeAll, expect } from 'vitest'
import { recordedDoc } from '../support/documents.ts'
import { testWith } from '../support/fixtures.ts'

const JOINERS = 30

/** How long a load may take where others keep the machine busy. */
const BUSY_MACHINE_MS = 30_000

/** Where Node tells of requests that its servers get: the API's, in this process. */
const REQUESTS = 'http.server.request.start'

/** What the gateway did, in order: heard a board's channel from then on, or asked the API. */
const steps: string[] = []
const noteRequest = (message: unknown) =>
  steps.push(`request ${(message as { request: IncomingMessage }).request.url}`)

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
const test = testWith({ spoil: watched })
beforeAll(() => subscribe(REQUESTS, noteRequest))
afterAll(() => {
  unsubscribe(REQUESTS, noteRequest)
})

test('SYNC-2 SYNC-3 RELAY-4: however many join at once, the room listens, loads once, and asks each', async ({
  ada,
  documents,
  boardId,
  stack,
  clients,
}) => {
  const { accessToken, user } = ada
  const { doc, updates } = recordedDoc()
  for (let i = 0; i < 10; i++) doc.getMap('shapes').set(`shape-${i}`, i)
  await documents.append(boardId, user.id, ...updates)

  steps.length = 0
  const url = `${stack.realtimeUrl}/${boardId}?token=${accessToken}`
  const joiners = await Promise.all(
    Array.from({ length: JOINERS }, async () => clients.keep(await connectRaw(url))),
  )
  await eventually(
    'each is asked',
    () => joiners.every(({ frames }) => frames.length > 0),
    BUSY_MACHINE_MS,
  )
  for (const { frames } of joiners) {
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
