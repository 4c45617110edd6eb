import { expect, it } from 'vitest'
import { personOf } from './person.ts'

it.each([
  ['ada.lovelace@example.com', 'Ada Lovelace'],
  ['grace_hopper+navy@example.com', 'Grace Hopper'],
  ['ALAN@example.com', 'Alan'],
  ['--@example.com', '--@example.com'],
])('reads a name off %s', (email, name) => {
  expect(personOf(email, null)?.name).toBe(name)
})

it('prefers the name that was typed, on one line', () => {
  expect(personOf('a@b', ' Ada\n\u0000 King ')?.name).toBe('Ada King')
})

it.each(['', 'ada', '@', 'a@b@c', 'a b@c', 'a\u0000@b', `${'a'.repeat(254)}@b`])(
  'takes %j for no email',
  (email) => {
    expect(personOf(email, null)).toBeUndefined()
  },
)
