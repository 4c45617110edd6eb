import type { BoardRole } from '@mindfuse/protocol'
import { describe, expect, test } from 'vitest'
import { canInviteAs, canRevokeInvite, isAtLeast } from './policy.ts'

/** [what one is, what one invites as, whether one may] */
const INVITING: [BoardRole | null, BoardRole, boolean][] = [
  ['owner', 'owner', true],
  ['owner', 'editor', true],
  ['owner', 'viewer', true],
  ['editor', 'owner', false],
  ['editor', 'editor', true],
  ['editor', 'viewer', true],
  ['viewer', 'owner', false],
  ['viewer', 'editor', false],
  ['viewer', 'viewer', false],
  [null, 'owner', false],
  [null, 'editor', false],
  [null, 'viewer', false],
]

/** [what one is, whether the invite is one's own, whether one may] */
const REVOKING: [BoardRole, boolean, boolean][] = [
  ['owner', true, true],
  ['owner', false, true],
  ['editor', true, true],
  ['editor', false, false],
  ['viewer', true, true],
  ['viewer', false, false],
]

const STRENGTH: [BoardRole, BoardRole, boolean][] = [
  ['owner', 'owner', true],
  ['owner', 'editor', true],
  ['owner', 'viewer', true],
  ['editor', 'owner', false],
  ['editor', 'editor', true],
  ['editor', 'viewer', true],
  ['viewer', 'owner', false],
  ['viewer', 'editor', false],
  ['viewer', 'viewer', true],
]

describe('invites', () => {
  test.each(INVITING)('%s inviting as %s: %s', (role, granted, may) => {
    expect(canInviteAs(role, granted)).toBe(may)
  })

  test.each(REVOKING)('%s revoking, own %s: %s', (role, isOwn, may) => {
    expect(canRevokeInvite(role, { isOwn })).toBe(may)
  })

  test.each(STRENGTH)('%s is at least %s: %s', (role, other, is) => {
    expect(isAtLeast(role, other)).toBe(is)
  })
})
