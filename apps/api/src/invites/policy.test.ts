import { BOARD_ROLES, type BoardRole } from '@mindfuse/protocol'
import { describe, expect, test } from 'vitest'
import { canInviteAs, canRevokeInvite, isAtLeast } from './policy.ts'

/** Whom each may invite. */
const INVITING: [BoardRole | null, readonly BoardRole[]][] = [
  ['owner', ['editor', 'commenter', 'viewer']],
  ['editor', ['editor', 'commenter', 'viewer']],
  ['commenter', []],
  ['viewer', []],
  [null, []],
]

/** Whose invites each may revoke. */
const REVOKING: [BoardRole, readonly ('own' | "another's")[]][] = [
  ['owner', ['own', "another's"]],
  ['editor', ['own']],
  ['commenter', ['own']],
  ['viewer', ['own']],
]

/** What each is at least. */
const STRENGTH: [BoardRole, readonly BoardRole[]][] = [
  ['owner', ['owner', 'editor', 'commenter', 'viewer']],
  ['editor', ['editor', 'commenter', 'viewer']],
  ['commenter', ['commenter', 'viewer']],
  ['viewer', ['viewer']],
]

/** A row for each pair, with whether the table names it. */
const pairs = <A, B>(table: [A, readonly B[]][], all: readonly B[]): [A, B, boolean][] =>
  table.flatMap(([a, named]) => all.map((b): [A, B, boolean] => [a, b, named.includes(b)]))

describe('invites', () => {
  test.each(pairs(INVITING, BOARD_ROLES))('%s inviting as %s: %s', (role, granted, may) => {
    expect(canInviteAs(role, granted)).toBe(may)
  })

  test.each(pairs(REVOKING, ['own', "another's"]))('%s revoking %s: %s', (role, whose, may) => {
    expect(canRevokeInvite(role, { isOwn: whose === 'own' })).toBe(may)
  })

  test.each(pairs(STRENGTH, BOARD_ROLES))('%s is at least %s: %s', (role, other, is) => {
    expect(isAtLeast(role, other)).toBe(is)
  })
})
