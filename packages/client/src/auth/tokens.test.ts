import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AccessToken } from './access-token.ts'
import { Tokens } from './tokens.ts'

const MINUTE_MS = 60_000
let fetched: number
let answer: () => Promise<AccessToken>
let tokens: Tokens

/** A token for so long from now on. */
const lasting = (ms: number) => async () => ({
  accessToken: `token ${fetched}`,
  expiresAt: new Date(Date.now() + ms).toISOString(),
})

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  fetched = 0
  answer = lasting(15 * MINUTE_MS)
  tokens = new Tokens({
    random: () => 0,
    getToken: () => {
      fetched++
      return answer()
    },
  })
})
afterEach(() => {
  tokens.close()
  vi.useRealTimers()
})

test('a token is fetched when first needed, and used until two minutes before it expires', async () => {
  expect(fetched).toBe(0)
  expect(await tokens.get()).toBe('token 1')
  vi.setSystemTime(Date.now() + 13 * MINUTE_MS - 1)
  expect(await tokens.get()).toBe('token 1')
  vi.setSystemTime(Date.now() + 1)
  expect(await tokens.get()).toBe('token 2')
})

test('one request runs at a time', async () => {
  await Promise.all([tokens.get(), tokens.get(), tokens.renew()])
  expect(fetched).toBe(1)
})

test('a rejected token is not used again', async () => {
  const token = await tokens.get()
  tokens.reject('some other')
  expect(await tokens.get()).toBe(token)
  tokens.reject(token)
  expect(await tokens.get()).toBe('token 2')
})

test('the user has to sign in if the only token was rejected', async () => {
  const token = await answer()
  answer = async () => token
  await tokens.get()
  tokens.reject(token.accessToken)
  await expect(tokens.get()).rejects.toMatchObject({ status: 401 })
})

describe('while it is held', () => {
  test('it is renewed before it expires, again and again', async () => {
    const heard: string[] = []
    tokens.onToken((token) => heard.push(token))
    await tokens.get()
    tokens.hold()
    await vi.advanceTimersByTimeAsync(13 * MINUTE_MS)
    expect(heard).toEqual(['token 1', 'token 2'])
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS)
    expect(heard).toHaveLength(6)
  })

  test('and not after it was released', async () => {
    await tokens.get()
    const release = [tokens.hold(), tokens.hold()]
    for (const one of release) one()
    release[0]?.()
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS)
    expect(fetched).toBe(1)
  })

  test('a failed renewal is retried with a delay, more than once before it expires', async () => {
    await tokens.get()
    tokens.hold()
    answer = () => Promise.reject(new Error('away'))
    await vi.advanceTimersByTimeAsync(15 * MINUTE_MS)
    expect(fetched).toBeGreaterThan(3)
    // With the shortest of random delays, a second lies between two tries.
    expect(fetched).toBeLessThanOrEqual(2 + (2 * MINUTE_MS) / 1_000)
    answer = lasting(15 * MINUTE_MS)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(await tokens.get()).toMatch(/^token \d+$/)
  })

  test('a clock that is wrong by hours causes one request every half minute at most', async () => {
    answer = lasting(-3 * 60 * MINUTE_MS)
    await tokens.get()
    tokens.hold()
    await vi.advanceTimersByTimeAsync(5 * MINUTE_MS)
    expect(fetched).toBeLessThanOrEqual(11)
    expect(fetched).toBeGreaterThan(1)
  })
})

describe('a token of another user', () => {
  const ofUser = (userId: string) => async () => ({ ...(await lasting(15 * MINUTE_MS)()), userId })

  test('is refused and not used, while the user of the first is someone else', async () => {
    answer = ofUser('ada')
    const first = await tokens.get()
    tokens.reject(first)
    answer = ofUser('eve')
    await expect(tokens.get()).rejects.toMatchObject({ code: 'signed_in_as_another', status: 0 })
    await expect(tokens.renew()).rejects.toMatchObject({ code: 'signed_in_as_another' })
    answer = ofUser('ada')
    expect(await tokens.get()).toBe('token 4')
  })

  test('is not asked for again and again', async () => {
    answer = ofUser('ada')
    await tokens.get()
    tokens.hold()
    answer = ofUser('eve')
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS)
    expect(fetched).toBe(2)
  })

  test('is refused from the first one on if the user was given', async () => {
    answer = ofUser('eve')
    const ofAda = new Tokens({ random: () => 0, getToken: () => answer(), userId: 'ada' })
    await expect(ofAda.get()).rejects.toMatchObject({ code: 'signed_in_as_another' })
    ofAda.close()
  })
})

test('a token that lasts for a hundred years is not renewed immediately', async () => {
  answer = lasting(100 * 365 * 24 * 60 * MINUTE_MS)
  await tokens.get()
  tokens.hold()
  await vi.advanceTimersByTimeAsync(24 * 60 * MINUTE_MS)
  expect(fetched).toBe(1)
})

test('a request that hangs times out, and the next one is made', async () => {
  answer = () => new Promise(() => undefined)
  const hanging = expect(tokens.get()).rejects.toMatchObject({ code: 'timeout' })
  await vi.advanceTimersByTimeAsync(15_000)
  await hanging
  answer = lasting(15 * MINUTE_MS)
  expect(await tokens.get()).toBe('token 2')
})
