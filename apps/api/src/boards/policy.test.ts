import type { BoardRole, WorkspaceRole } from '@mindfuse/protocol'
import { describe, expect, test } from 'vitest'
import {
  BOARD_ACTIONS,
  type BoardAction,
  boardAccess,
  canOnBoard,
  effectiveBoardRole,
} from './policy.ts'

/** Who may do what, written out: an action that is missing here fails below. */
const ALLOWED: Record<BoardAction, Record<BoardRole, boolean>> = {
  read: { owner: true, editor: true, commenter: true, viewer: true },
  comment: { owner: true, editor: true, commenter: true, viewer: false },
  edit: { owner: true, editor: true, commenter: false, viewer: false },
  broadcast: { owner: true, editor: true, commenter: true, viewer: false },
  rename: { owner: true, editor: true, commenter: false, viewer: false },
  duplicate: { owner: true, editor: true, commenter: false, viewer: false },
  invite: { owner: true, editor: true, commenter: false, viewer: false },
  manageMembers: { owner: true, editor: false, commenter: false, viewer: false },
  trash: { owner: true, editor: false, commenter: false, viewer: false },
  restore: { owner: true, editor: false, commenter: false, viewer: false },
  deletePermanently: { owner: true, editor: false, commenter: false, viewer: false },
  readHistory: { owner: true, editor: true, commenter: true, viewer: true },
  import: { owner: true, editor: true, commenter: false, viewer: false },
  createVersion: { owner: true, editor: true, commenter: false, viewer: false },
  restoreVersion: { owner: true, editor: true, commenter: false, viewer: false },
  deleteVersion: { owner: true, editor: false, commenter: false, viewer: false },
}

/** [role in the workspace, role on the board, what they add up to] */
const GRANTS: [WorkspaceRole | null, BoardRole | null, BoardRole | null][] = [
  [null, null, null],
  [null, 'viewer', 'viewer'],
  [null, 'commenter', 'commenter'],
  [null, 'editor', 'editor'],
  [null, 'owner', 'owner'],
  ['member', null, 'editor'],
  ['member', 'viewer', 'editor'],
  ['member', 'commenter', 'editor'],
  ['member', 'editor', 'editor'],
  ['member', 'owner', 'owner'],
  ['admin', null, 'owner'],
  ['admin', 'viewer', 'owner'],
  ['admin', 'commenter', 'owner'],
  ['admin', 'editor', 'owner'],
  ['admin', 'owner', 'owner'],
  ['owner', null, 'owner'],
  ['owner', 'viewer', 'owner'],
  ['owner', 'commenter', 'owner'],
  ['owner', 'editor', 'owner'],
  ['owner', 'owner', 'owner'],
]

const ROLES = ['owner', 'editor', 'commenter', 'viewer'] as const

describe('the role on a board', () => {
  test.each(GRANTS)('of a workspace %s who is board %s is %s', (workspaceRole, boardRole, role) => {
    expect(effectiveBoardRole({ workspaceRole, boardRole })).toBe(role)
  })
})

describe('on a board', () => {
  test('there are these actions and no others', () => {
    expect([...BOARD_ACTIONS].sort()).toEqual(Object.keys(ALLOWED).sort())
  })

  const cases = Object.entries(ALLOWED).flatMap(([action, byRole]) =>
    ROLES.map((role) => [role, byRole[role] ? 'may' : 'may not', action as BoardAction] as const),
  )
  test.each(cases)('the %s %s %s', (role, may, action) => {
    expect(canOnBoard(role, action)).toBe(may === 'may')
  })

  test.each(ROLES)('a client receives every permission that the %s has and lacks', (role) => {
    const can = Object.fromEntries(
      Object.entries(ALLOWED).map(([action, byRole]) => [action, byRole[role]]),
    )
    expect(boardAccess(role, { viewersCanBroadcast: false })).toEqual({ role, can })
  })

  test.each(ROLES)(
    'whose viewers may broadcast, the %s may, and nothing else is different',
    (role) => {
      const settings = { viewersCanBroadcast: true }
      expect(canOnBoard(role, 'broadcast', settings)).toBe(true)
      const { can } = boardAccess(role, { viewersCanBroadcast: false })
      expect(boardAccess(role, settings)).toEqual({ role, can: { ...can, broadcast: true } })
    },
  )
})
