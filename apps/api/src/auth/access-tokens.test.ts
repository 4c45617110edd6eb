import { ACCESS_TOKEN_ALGORITHM } from '@mindfuse/service-kit/access-tokens'
import { exportJWK, generateKeyPair } from 'jose'
import { afterEach, expect, test, vi } from 'vitest'
import { createAccessTokens, type TokenSubject } from './access-tokens.ts'
import type { SigningKey } from './signing-keys.ts'

const SUBJECT = {
  kind: 'person' as const,
  userId: 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
  sessionId: 'bbbbbbbb-bbbb-4bbb-8bbb-bbbbbbbbbbbb',
  name: 'Ada',
  pictureUrl: null,
}

afterEach(() => void vi.useRealTimers())

test('a key of another instance verifies every token that arrives while it is read', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  const shared = [await createKey('old')]
  const onError = (error: unknown) => expect.fail(`${error}`)
  let isSlow: Promise<void> | undefined
  const here = await createAccessTokens({
    onError,
    async loadKeys() {
      await isSlow
      return [...shared]
    },
  })
  shared.unshift(await createKey('new'))
  const elsewhere = await createAccessTokens({ onError, loadKeys: async () => [...shared] })
  const { accessToken } = await elsewhere.sign(SUBJECT)
  const { accessToken: another } = await elsewhere.sign(SUBJECT)
  vi.advanceTimersByTime(60_000)

  let answer: () => void = () => undefined
  isSlow = new Promise((resolve) => {
    answer = resolve
  })
  const verified = [here.verify(accessToken), here.verify(another)]
  // The first has begun to read the keys, and the second finds that done a moment ago.
  await new Promise((resolve) => setImmediate(resolve))
  answer()

  expect(await Promise.all(verified)).toEqual(
    Array(2).fill(expect.objectContaining({ sub: SUBJECT.userId })),
  )
  here.close()
  elsewhere.close()
})

test('a token that is remembered is valid for a minute longer than it says, since clocks differ', async () => {
  const tokens = await createAccessTokens({
    onError: (error) => expect.fail(`${error}`),
    loadKeys: async () => [await createKey('key')],
  })
  const { accessToken, expiresAt } = await tokens.sign(SUBJECT)
  await tokens.verify(accessToken)
  vi.useFakeTimers({ toFake: ['Date'], now: expiresAt.getTime() + 59_999 })
  expect(await tokens.verify(accessToken)).toMatchObject({ sub: SUBJECT.userId })
  vi.setSystemTime(expiresAt.getTime() + 60_000)
  expect(await tokens.verify(accessToken)).toBeUndefined()
  tokens.close()
})

test('tokens say what kind of user it is, and which of them end their connections', async () => {
  const tokens = await createAccessTokens({
    onError: (error) => expect.fail(`${error}`),
    loadKeys: async () => [await createKey('key')],
  })
  const claimsOf = async (subject: TokenSubject) => {
    const { accessToken, expiresAt } = await tokens.sign(subject)
    const claims = await tokens.verify(accessToken)
    return { ...claims, seconds: Math.round((expiresAt.getTime() - Date.now()) / 60_000) * 60 }
  }
  const person = await claimsOf(SUBJECT)
  expect(person).toMatchObject({ until: 'session', seconds: 900 })
  expect(person).not.toHaveProperty('kind')
  const minted = await claimsOf({ ...SUBJECT, kind: 'app_user', endsInSeconds: 3_600 })
  expect(minted).toMatchObject({ kind: 'app_user', seconds: 3_600 })
  expect(minted).not.toHaveProperty('until')
  tokens.close()
})

async function createKey(kid: string): Promise<SigningKey> {
  const { publicKey, privateKey } = await generateKeyPair(ACCESS_TOKEN_ALGORITHM, {
    extractable: true,
  })
  return {
    kid,
    privateJwk: await exportJWK(privateKey),
    publicJwk: await exportJWK(publicKey),
    activatesAt: new Date(0),
  }
}
