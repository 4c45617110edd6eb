import { expect, test } from 'vitest'
import { createPasswords } from './passwords.ts'

const matchesOf = (passwords: ReturnType<typeof createPasswords>, password: string, kept: string) =>
  passwords.attempt((matches) => matches(password, kept))

test('a password matches its own hash, and no other', async () => {
  const passwords = createPasswords()
  const [kept, again] = [await passwords.hash('hunter2'), await passwords.hash('hunter2')]
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
  const kept = await passwords.hash('\u00e4')
  expect(await matchesOf(passwords, 'a\u0308', kept)).toBe(true)
})

test('two are processed at a time, 50 wait, and further ones are refused', async () => {
  const passwords = createPasswords()
  let running = 0
  let most = 0
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  const attempts = Array.from({ length: 52 }, () =>
    passwords.attempt(async () => {
      most = Math.max(most, ++running)
      await finished
      running--
    }),
  )
  await expect(passwords.attempt(async () => undefined)).rejects.toMatchObject({
    status: 503,
    code: 'passwords_busy',
    retryAfterSeconds: 5,
  })
  finish()
  await Promise.all(attempts)
  expect(most).toBe(2)
})
