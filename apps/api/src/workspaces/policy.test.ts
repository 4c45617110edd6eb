import type { WorkspaceRole } from '@mindfuse/protocol'
import { KEY_SCOPES, type KeyScope } from '@mindfuse/protocol'
import { describe, expect, test } from 'vitest'
import {
  canInWorkspace,
  mayInWorkspace,
  WORKSPACE_ACTIONS,
  type WorkspaceAction,
  workspaceAccess,
} from './policy.ts'

/** Who may do what, written out: an action that is missing here fails below. */
const ALLOWED: Record<WorkspaceAction, Record<WorkspaceRole, boolean>> = {
  read: { owner: true, admin: true, member: true },
  createBoards: { owner: true, admin: true, member: true },
  broadcast: { owner: true, admin: true, member: true },
  rename: { owner: true, admin: true, member: false },
  manageMembers: { owner: true, admin: true, member: false },
  manageKeys: { owner: true, admin: true, member: false },
  readAudit: { owner: true, admin: true, member: false },
  readAuditOrigins: { owner: true, admin: false, member: false },
  transfer: { owner: true, admin: false, member: false },
  delete: { owner: true, admin: false, member: false },
}

const ROLES = ['owner', 'admin', 'member'] as const

describe('in a workspace', () => {
  test('there are these actions and no others', () => {
    expect([...WORKSPACE_ACTIONS].sort()).toEqual(Object.keys(ALLOWED).sort())
  })

  const cases = Object.entries(ALLOWED).flatMap(([action, byRole]) =>
    ROLES.map(
      (role) => [role, byRole[role] ? 'may' : 'may not', action as WorkspaceAction] as const,
    ),
  )
  test.each(cases)('the %s %s %s', (role, may, action) => {
    expect(canInWorkspace(role, action)).toBe(may === 'may')
  })

  test.each(ROLES)('a client receives every permission that the %s has and lacks', (role) => {
    const can = Object.fromEntries(
      Object.entries(ALLOWED).map(([action, byRole]) => [action, byRole[role]]),
    )
    const grants = { role, keyScopes: null, isForSomeBoards: false }
    expect(workspaceAccess(grants)).toEqual({ role, can })
  })
  test.each<[KeyScope[], boolean, WorkspaceAction[]]>([
    [['boards:read'], false, ['read']],
    [['boards:write'], false, ['read', 'createBoards', 'broadcast']],
    [['boards:write'], true, ['read']],
    [['members:write', 'comments:write'], false, ['read', 'manageMembers']],
    [['members:write'], true, ['read']],
    [['tokens:create'], false, []],
    [[...KEY_SCOPES], false, ['read', 'createBoards', 'broadcast', 'manageMembers']],
  ])('a key with %j, for some boards alone: %s, may %j', (keyScopes, isForSomeBoards, actions) => {
    const grants = { role: 'member', keyScopes, isForSomeBoards } as const
    const allowed = WORKSPACE_ACTIONS.filter((action) => mayInWorkspace(grants, action))
    expect(allowed).toEqual(actions)
  })
})
