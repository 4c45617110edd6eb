import { describe, expect, test } from 'vitest'
import { createPasswords } from './passwords.ts'

const matchesOf = (passwords: ReturnType<typeof createPasswords>, password: string, kept: string) =>
  passwords.attempt('somebody', (matches) => matches(password, kept))

test('a password matches its own hash, and no other', async () => {
  const passwords = createPasswords()
  const [kept, again] = [
    await passwords.hash('somebody', 'hunter2'),
    await passwords.hash('somebody', 'hunter2'),
  ]
  expect(kept).toMatch(/^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/)
  expect(again).not.toBe(kept)
  expect(await matchesOf(passwords, 'hunter2', kept)).toBe(true)
  expect(await matchesOf(passwords, 'hunter2', again)).toBe(true)
  for (const other of ['', 'hunter', 'hunter22', 'Hunter2']) {
    expect(await matchesOf(passwords, other, kept)).toBe(false)
  }
})

test('accents count once, however they are composed', async () => {
  const passwords = createPasswords()
  const kept = await passwords.hash('somebody', '\u00e4')
  expect(await matchesOf(passwords, 'a\u0308', kept)).toBe(true)
})

describe('of many attempts', () => {
  /** Attempts that go on until they are let finish; `most` were at work at a time. */
  const hold = (passwords: ReturnType<typeof createPasswords>) => {
    let finish: () => void = () => undefined
    const finished = new Promise<void>((resolve) => {
      finish = resolve
    })
    const work = { running: 0, most: 0 }
    const attempt = (of: string) =>
      passwords.attempt(of, async () => {
        work.most = Math.max(work.most, ++work.running)
        await finished
        work.running--
      })
    return { attempt, finish, work }
  }
  const BUSY = { status: 503, code: 'passwords_busy', retryAfterSeconds: 5 }

  test('two are processed, 50 wait, and further ones are refused', async () => {
    const passwords = createPasswords()
    const { attempt, finish, work } = hold(passwords)
    const attempts = Array.from({ length: 52 }, (_, n) => attempt(`person ${n}`))
    await expect(attempt('one more')).rejects.toMatchObject(BUSY)
    finish()
    await Promise.all(attempts)
    expect(work.most).toBe(2)
  })

  test('one of each person is processed, and ten wait: others have their turn', async () => {
    const passwords = createPasswords()
    const { attempt, finish, work } = hold(passwords)
    const attempts = Array.from({ length: 11 }, () => attempt('guesser'))
    await expect(attempt('guesser')).rejects.toMatchObject(BUSY)
    expect(work.running).toBe(1)
    expect(await passwords.attempt('somebody', async () => 'their turn')).toBe('their turn')
    finish()
    await Promise.all(attempts)
    expect(work.most).toBe(1)
  })
})
