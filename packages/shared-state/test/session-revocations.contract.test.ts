import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { REVOCATION_TTL_SECONDS } from '../src/session-revocations.ts'
import { IMPLEMENTATIONS, type Subject } from './implementations.ts'

const ACCESS_TOKEN_LIFE_SECONDS = 15 * 60

describe.each(Object.keys(IMPLEMENTATIONS))('the session revocations %s', (name) => {
  let subject: Subject
  beforeAll(async () => {
    subject = await IMPLEMENTATIONS[name]!()
  })
  afterAll(() => subject.close())

  test('what one instance was told all know, of those sessions and no others', async () => {
    const [a, b, c] = [randomUUID(), randomUUID(), randomUUID()]
    await subject.one.revocations.add([a, b])
    expect(await subject.other.revocations.has(a)).toBe(true)
    expect(await subject.other.revocations.has(b)).toBe(true)
    expect(await subject.other.revocations.has(c)).toBe(false)
  })

  test('nothing at all may be revoked, and one session twice', async () => {
    const id = randomUUID()
    await subject.one.revocations.add([])
    await subject.one.revocations.add([id, id])
    expect(await subject.one.revocations.has(id)).toBe(true)
  })

  test('a revocation outlives every access token of its session, and then ends', async () => {
    const id = randomUUID()
    await subject.one.revocations.add([id])
    await subject.pass(ACCESS_TOKEN_LIFE_SECONDS * 1_000, id)
    expect(await subject.one.revocations.has(id)).toBe(true)
    await subject.pass((REVOCATION_TTL_SECONDS - ACCESS_TOKEN_LIFE_SECONDS) * 1_000, id)
    expect(await subject.one.revocations.has(id)).toBe(false)
  })
})
