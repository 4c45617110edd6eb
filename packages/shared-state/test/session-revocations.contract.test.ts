import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { REVOCATION_TTL_SECONDS } from '../src/session-revocations.ts'
import { IMPLEMENTATIONS, type Subject } from './implementations.ts'

const ACCESS_TOKEN_LIFE_SECONDS = 15 * 60

describe.each(Object.keys(IMPLEMENTATIONS))('the session revocations %s', (name) => {
  let subject: Subject
  /** Lets as much time pass as makes the store know everything. */
  const grow = (part: string) => subject.pass(REVOCATION_TTL_SECONDS * 1_000, part)
  beforeAll(async () => {
    subject = await IMPLEMENTATIONS[name]!()
  })
  afterAll(() => subject.close())

  test('while the store is young, a session that it was not told of may have ended', async () => {
    const [known, unknown] = [randomUUID(), randomUUID()]
    await subject.forget()
    expect(await subject.one.revocations.has(unknown)).toBeUndefined()
    expect(await subject.other.revocations.has(unknown)).toBeUndefined()
    await subject.one.revocations.add([known])
    expect(await subject.other.revocations.has(known)).toBe(true)
    await grow('remembered-since')
    expect(await subject.other.revocations.has(unknown)).toBe(false)

    await subject.forget()
    expect(await subject.one.revocations.has(known)).toBeUndefined()
    await grow('remembered-since')
  })

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
