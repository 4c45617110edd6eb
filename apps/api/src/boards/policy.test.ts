import {
  type BoardRole,
  KEY_SCOPES,
  type KeyScope,
  type LinkRole,
  type WorkspaceRole,
} from '@mindfuse/protocol'
import { describe, expect, test } from 'vitest'
import {
  BOARD_ACTIONS,
  type BoardAction,
  boardAccess,
  canOnBoard,
  effectiveBoardRole,
  mayOnBoard,
  memberRole,
} from './policy.ts'

/** Who may do what, written out: an action that is missing here fails below. */
const ALLOWED: Record<BoardAction, Record<BoardRole, boolean>> = {
  read: { owner: true, editor: true, commenter: true, viewer: true },
  comment: { owner: true, editor: true, commenter: true, viewer: false },
  edit: { owner: true, editor: true, commenter: false, viewer: false },
  setThumbnail: { owner: true, editor: true, commenter: false, viewer: false },
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

const NOTHING = { workspaceRole: null, boardRole: null, linkRole: null, keyScopes: null }
const QUIET = { viewersCanBroadcast: false }

const ROLES = ['owner', 'editor', 'commenter', 'viewer'] as const

describe('the role on a board', () => {
  test.each(GRANTS)('of a workspace %s who is board %s is %s', (workspaceRole, boardRole, role) => {
    expect(effectiveBoardRole({ ...NOTHING, workspaceRole, boardRole })).toBe(role)
    expect(memberRole({ workspaceRole, boardRole })).toBe(role)
  })

  test.each<[LinkRole, BoardRole | null, BoardRole]>([
    ['viewer', null, 'viewer'],
    ['editor', null, 'editor'],
    ['editor', 'viewer', 'editor'],
    ['viewer', 'editor', 'editor'],
    ['editor', 'owner', 'owner'],
  ])('of somebody with a link for a %s who is board %s is %s', (linkRole, boardRole, role) => {
    expect(effectiveBoardRole({ ...NOTHING, linkRole, boardRole })).toBe(role)
  })

  test.each<[KeyScope[], BoardRole | null]>([
    [[], null],
    [['tokens:create'], null],
    [['boards:read'], 'viewer'],
    [['members:write'], 'viewer'],
    [['comments:write'], 'commenter'],
    [['boards:write'], 'editor'],
    [['boards:read', 'comments:write', 'boards:write'], 'editor'],
  ])('of a key with %j is %s', (keyScopes, role) => {
    expect(effectiveBoardRole({ ...NOTHING, keyScopes })).toBe(role)
  })
})

describe('a link', () => {
  test.each(BOARD_ACTIONS)(
    'lets people draw, as a member of its role may, and do nothing else: %s',
    (action) => {
      const expected = ['read', 'comment', 'edit', 'setThumbnail', 'broadcast'].includes(action)
      expect(mayOnBoard({ ...NOTHING, linkRole: 'editor' }, action, QUIET)).toBe(expected)
      expect(boardAccess({ ...NOTHING, linkRole: 'editor' }, QUIET)?.can[action]).toBe(expected)
    },
  )

  test('lets guests without a name only look, whatever viewers may', () => {
    const access = boardAccess({ ...NOTHING, linkRole: 'nameless' }, { viewersCanBroadcast: true })
    expect(access?.role).toBe('viewer')
    const allowed = BOARD_ACTIONS.filter((action) => access?.can[action])
    expect(allowed).toEqual(['read'])
  })

  test('takes no right of a member', () => {
    const grants = { ...NOTHING, boardRole: 'viewer', linkRole: 'editor' } as const
    expect(boardAccess({ ...grants, boardRole: 'owner' }, QUIET)?.can).toEqual(
      boardAccess({ ...NOTHING, boardRole: 'owner' }, QUIET)?.can,
    )
    expect(boardAccess(grants, QUIET)).toMatchObject({
      role: 'editor',
      can: { edit: true, invite: false, readHistory: true },
    })
  })
})

describe('a key', () => {
  /** What each scope allows, written out. */
  const BY_SCOPE: Record<KeyScope, BoardAction[]> = {
    'boards:read': ['read', 'readHistory'],
    'boards:write': BOARD_ACTIONS.filter(
      (action) => !['invite', 'manageMembers', 'comment'].includes(action),
    ),
    'comments:write': ['read', 'readHistory', 'comment'],
    'members:write': ['read', 'readHistory', 'invite', 'manageMembers'],
    'tokens:create': [],
  }

  test.each(KEY_SCOPES)('with %s may do what that is for', (scope) => {
    const allowed = BOARD_ACTIONS.filter((action) =>
      mayOnBoard({ ...NOTHING, keyScopes: [scope] }, action, QUIET),
    )
    expect(allowed.sort()).toEqual(BY_SCOPE[scope].sort())
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
    expect(boardAccess({ ...NOTHING, boardRole: role }, QUIET)).toEqual({ role, can })
  })

  test.each(ROLES)(
    'whose viewers may broadcast, the %s may, and nothing else is different',
    (role) => {
      const settings = { viewersCanBroadcast: true }
      expect(canOnBoard(role, 'broadcast', settings)).toBe(true)
      const grants = { ...NOTHING, boardRole: role }
      const can = { ...boardAccess(grants, QUIET)?.can, broadcast: true }
      expect(boardAccess(grants, settings)).toEqual({ role, can })
    },
  )
})
