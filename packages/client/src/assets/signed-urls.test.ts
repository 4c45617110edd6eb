import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MindfuseError } from '../errors.ts'
import { SignedUrls } from './signed-urls.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const MINUTE_MS = 60_000

/** A board whose files are those in `there`. */
function createBoard({ lifeMs = 15 * MINUTE_MS } = {}) {
  const server = {
    there: new Set<string>(),
    requests: [] as { at: number; digests: readonly string[] }[],
    failure: undefined as MindfuseError | undefined,
    async sign(digests: readonly string[]) {
      server.requests.push({ at: Date.now(), digests })
      if (server.failure) throw server.failure
      const found = digests.filter((digest) => server.there.has(digest))
      return {
        urls: Object.fromEntries(found.map((digest) => [digest, `${digest}?${Date.now()}`])),
        expiresAt: new Date(Date.now() + lifeMs).toISOString(),
      }
    },
  }
  const { there, requests, sign } = server
  return { server, there, requests, urls: new SignedUrls({ random: () => 0.5, sign }) }
}

test('what is asked for together is one request, of up to 100', async () => {
  const { urls, there, requests } = createBoard()
  const digests = Array.from({ length: 230 }, (_, i) => `${i}`)
  for (const digest of digests) there.add(digest)
  const all = Promise.all([...digests, ...digests].map((digest) => urls.get(digest)))
  await vi.advanceTimersByTimeAsync(100)
  expect(new Set(await all).size).toBe(230)
  expect(requests.map((request) => request.digests.length)).toEqual([100, 100, 30])
})

test('an address is used for six minutes, and then renewed', async () => {
  const { urls, there, requests } = createBoard()
  there.add('a')
  const get = async () => {
    const url = urls.get('a')
    await vi.advanceTimersByTimeAsync(20)
    return url
  }
  const first = await get()
  await vi.advanceTimersByTimeAsync(5.9 * MINUTE_MS)
  expect(await get()).toBe(first)
  await vi.advanceTimersByTimeAsync(0.1 * MINUTE_MS)
  expect(await get()).not.toBe(first)
  expect(requests.length).toBe(2)
})

test('one that ends sooner is used for less', async () => {
  const { urls, there, requests } = createBoard({ lifeMs: 2 * MINUTE_MS })
  there.add('a')
  for (const waitMs of [0, 0.9 * MINUTE_MS, 0.2 * MINUTE_MS]) {
    await vi.advanceTimersByTimeAsync(waitMs)
    void urls.get('a')
    await vi.advanceTimersByTimeAsync(20)
  }
  expect(requests.length).toBe(2)
})

test('a file that is on its way is seen within 2 s in the first minute, and within 30 s later', async () => {
  const { urls, there, requests } = createBoard()
  const startedAt = Date.now()
  const url = urls.get('a')
  await vi.advanceTimersByTimeAsync(3 * MINUTE_MS)
  const gaps = requests
    .slice(1)
    .map(({ at }, i) => [at - startedAt, at - (requests[i]?.at ?? 0)] as const)
  expect(gaps.slice(0, 4).map(([, gap]) => gap)).toEqual([250, 500, 1_000, 2_000])
  for (const [at, gap] of gaps) expect(gap).toBeLessThanOrEqual(at < MINUTE_MS ? 2_000 : 30_000)
  expect(requests.length).toBeLessThan(40)
  there.add('a')
  await vi.advanceTimersByTimeAsync(30_000)
  await expect(url).resolves.toMatch(/^a/)
})

test('after ten minutes it is not waited for any longer', async () => {
  const { urls, requests } = createBoard()
  const url = urls.get('a')
  url.catch(() => undefined)
  await vi.advanceTimersByTimeAsync(11 * MINUTE_MS)
  await expect(url).rejects.toMatchObject({ code: 'asset_not_found' })
  const { length } = requests
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  expect(requests.length).toBe(length)
})

test('a file that is missing does not hold up another', async () => {
  const { urls, there } = createBoard()
  void urls.get('missing')
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  there.add('a')
  const url = urls.get('a')
  await vi.advanceTimersByTimeAsync(20)
  await expect(url).resolves.toMatch(/^a/)
})

test('an outage is waited out, and resume ends the delay', async () => {
  const { server, there, requests, urls } = createBoard()
  there.add('a')
  server.failure = new MindfuseError('network_error', 'The API cannot be reached')
  const url = urls.get('a')
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  const { length } = requests
  expect(length).toBeGreaterThan(4)
  expect(length).toBeLessThan(12)
  server.failure = undefined
  urls.resume()
  await vi.advanceTimersByTimeAsync(1)
  await expect(url).resolves.toMatch(/^a/)
})

test.for([401, 403, 404])('a %i is told to all who wait', async (status) => {
  const { server, requests, urls } = createBoard()
  server.failure = new MindfuseError('no', 'No', { status })
  const both = ['a', 'b'].map((digest) => urls.get(digest))
  const rejections = both.map((url) => expect(url).rejects.toMatchObject({ status }))
  await vi.advanceTimersByTimeAsync(20)
  await Promise.all(rejections)
  expect(requests.length).toBe(1)
})

test('an address that does not work is asked for anew', async () => {
  const { urls, there, requests } = createBoard()
  there.add('a')
  for (let i = 0; i < 2; i++) {
    void urls.get('a')
    await vi.advanceTimersByTimeAsync(20)
    urls.drop('a')
  }
  expect(requests.length).toBe(2)
})

test('closed, it rejects whoever waits and asks no more', async () => {
  const { urls, requests } = createBoard()
  const url = urls.get('a')
  const rejection = expect(url).rejects.toMatchObject({ code: 'closed' })
  await vi.advanceTimersByTimeAsync(20)
  urls.close(new MindfuseError('closed', 'This board is closed'))
  await rejection
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  expect(requests.length).toBe(1)
})
