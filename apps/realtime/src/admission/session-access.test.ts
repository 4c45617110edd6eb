import type { SessionAuthorization } from '@mindfuse/internal'
import { beforeEach, expect, test } from 'vitest'
import type { ApiClient } from '../storage/api-client.ts'
import { MAX_PENDING_ADMISSIONS } from './admission.ts'
import { createSessionAccess, MAX_PENDING_COOKIES, type SessionAccess } from './session-access.ts'

const ACCESS: NonNullable<SessionAuthorization> = {
  sessionId: 'session',
  user: { id: 'ada', name: 'Ada' },
  role: 'owner',
  version: 1,
  canBroadcast: true,
  boardExists: true,
  sessionLives: true,
}

/** What was asked of the API, and what gives the answers. */
let asked: { hashes: (string | undefined)[]; answer: (results: SessionAuthorization[]) => void }[]
let accessOf: SessionAccess
let isAway: boolean

beforeEach(() => {
  asked = []
  isAway = false
  const api: Pick<ApiClient, 'sessionAuthorizations'> = {
    sessionAuthorizations: (connections) =>
      new Promise((resolve, reject) => {
        if (isAway) reject(new Error('away'))
        asked.push({ hashes: connections.map(({ cookies }) => cookies[0]?.hash), answer: resolve })
      }),
  }
  accessOf = createSessionAccess(api as ApiClient)
})

const applicant = (hash: string, address = hash) => ({
  address,
  boardId: 'board',
  cookies: [{ name: 'cookie', hash }],
})
const nextTurn = () => new Promise((resolve) => setImmediate(resolve))

test('ADM-16: pages that arrive together share a request, and each gets its own answer', async () => {
  const results = ['a', 'b', 'a'].map((hash) => accessOf(applicant(hash)))
  await nextTurn()
  expect(asked.map(({ hashes }) => hashes)).toEqual([['a', 'b']])
  asked[0]!.answer([ACCESS, null])
  expect(await results[0]).toEqual(ACCESS)
  expect(await results[2]).toEqual(ACCESS)
  await expect(results[1]).rejects.toMatchObject({ status: 401, code: 'session_ended' })
})

test('ADM-6: an API that does not answer is a 503', async () => {
  isAway = true
  await expect(accessOf(applicant('a'))).rejects.toMatchObject({
    status: 503,
    code: 'permission_unavailable',
  })
})

test('LIM-10: cookies take half of what may be pending, and no more', async () => {
  expect(MAX_PENDING_COOKIES).toBe(MAX_PENDING_ADMISSIONS / 2)
  const pending = Array.from({ length: MAX_PENDING_COOKIES }, (_, i) => accessOf(applicant(`${i}`)))
  await expect(accessOf(applicant('one more'))).rejects.toMatchObject({ status: 503, code: 'busy' })
  await nextTurn()
  asked[0]!.answer(pending.map(() => ACCESS))
  await Promise.all(pending)
  void accessOf(applicant('one more'))
  await nextTurn()
  expect(asked.at(-1)?.hashes).toEqual(['one more'])
})

test('LIM-10: those of one address take a third of what is free, and leave the others theirs', async () => {
  const busy = { status: 503, code: 'busy' }
  const flood = (address: string) => {
    const results = Array.from({ length: MAX_PENDING_COOKIES }, (_, i) =>
      accessOf(applicant(`${address} ${i}`, address)).then(
        () => 'admitted',
        (error) => error.code as string,
      ),
    )
    return results
  }
  const floods = ['2001:db8::1', '192.0.2.1', '192.0.2.2'].map(flood)
  // Of the same network as the first.
  await expect(accessOf(applicant('neighbour', '2001:db8::2'))).rejects.toMatchObject(busy)
  const page = accessOf(applicant('page', '198.51.100.1'))
  await nextTurn()
  for (const { hashes, answer } of asked) answer(hashes.map(() => ACCESS))
  expect(await page).toEqual(ACCESS)
  const admitted = await Promise.all(
    floods.map(
      async (flood) => (await Promise.all(flood)).filter((it) => it === 'admitted').length,
    ),
  )
  expect(admitted).toEqual([125, 94, 71])
  // What is answered counts no longer.
  const again = flood('192.0.2.1')
  await nextTurn()
  asked.at(-1)?.answer(asked.at(-1)!.hashes.map(() => ACCESS))
  expect((await Promise.all(again)).filter((it) => it === 'admitted')).toHaveLength(125)
})
