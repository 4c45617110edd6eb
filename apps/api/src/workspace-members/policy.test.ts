import type { WorkspaceRole } from '@mindfuse/protocol'
import { describe, expect, test } from 'vitest'
import { canChangeMembership } from './policy.ts'

const ROLES = ['owner', 'admin', 'member'] as const
const PLACES = [...ROLES, null] as const

/** What an admin may do to another member, written out; an owner may do it all, a member nothing. */
const BY_ADMIN = [
  'nobody becomes admin',
  'nobody becomes member',
  'admin becomes admin',
  'admin becomes member',
  'admin becomes nobody',
  'member becomes admin',
  'member becomes member',
  'member becomes nobody',
]

const named = (role: WorkspaceRole | null) => role ?? 'nobody'

const changes = PLACES.flatMap((from) =>
  PLACES.map((to) => ({ from, to, name: `${named(from)} becomes ${named(to)}` })),
).filter(({ from, to }) => from !== null || to !== null)

describe('another member: ', () => {
  test.each(changes)('$name', ({ from, to, name }) => {
    const isAllowedTo = (role: WorkspaceRole) =>
      canChangeMembership(role, { from, to, isOwn: false })
    expect({ owner: isAllowedTo('owner'), admin: isAllowedTo('admin') }).toEqual({
      owner: true,
      admin: BY_ADMIN.includes(name),
    })
    expect(isAllowedTo('member')).toBe(false)
  })
})

describe('oneself: ', () => {
  test.each(ROLES)('the %s may leave', (role) => {
    expect(canChangeMembership(role, { from: role, to: null, isOwn: true })).toBe(true)
  })

  test.each([
    ['owner', ['owner', 'admin', 'member']],
    ['admin', ['admin', 'member']],
    ['member', []],
  ] as const)('the %s may become %j', (role, allowed) => {
    const possible = ROLES.filter((to) =>
      canChangeMembership(role, { from: role, to, isOwn: true }),
    )
    expect(possible).toEqual(allowed)
  })
})
