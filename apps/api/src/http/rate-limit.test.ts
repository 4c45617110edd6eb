import { expect, test } from 'vitest'
import { sharerOf } from './rate-limit.ts'

const sharer = (kind: 'guest' | 'person', ip: string) =>
  sharerOf({ user: { id: 'somebody', kind }, ip } as Parameters<typeof sharerOf>[0])

test('a guest shares with all of their network, a person with nobody', () => {
  expect(sharer('guest', '2001:db8::1')).toBe(sharer('guest', '2001:db8::2:1'))
  expect(sharer('guest', '2001:db8::1')).not.toBe(sharer('guest', '2001:db8:0:1::1'))
  expect(sharer('person', '2001:db8::1')).toBe('somebody')
})
