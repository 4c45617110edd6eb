import type { BoardRole, WorkspaceRole } from '@mindfuse/protocol'
import { memberRole } from '../boards/policy.ts'
import type { Database } from '../db/database.ts'
import { type MembershipRow, readMemberships } from '../pending-memberships/repository.ts'
import { effectsOf } from './effects.ts'
import * as repository from './repository.ts'

/** Roles of people, by what they were given them on. */
type Roles<Role> = Map<string, Map<string, Role>>

/** What changes are about, as it is now, and who sees it. */
export interface CurrentState {
  boards: Map<string, repository.WatchedBoardRow>
  workspaces: Map<string, Awaited<ReturnType<typeof repository.readWorkspaces>>[number]>
  /** By {@link pair}. */
  workspaceMembers: Map<string, Awaited<ReturnType<typeof repository.readWorkspaceMembers>>[number]>
  /** By {@link pair}. */
  boardMembers: Map<string, Awaited<ReturnType<typeof repository.readBoardMembers>>[number]>
  invites: Map<string, Awaited<ReturnType<typeof repository.readInvites>>[number]>
  memberships: Map<string, MembershipRow>
  /** Of the people who watch alone. */
  workspaceRoles: Roles<WorkspaceRole>
  boardRoles: Roles<BoardRole>
}

/** The key of a person in or on something. */
export function pair(thingId: string, userId: string): string {
  return `${thingId} ${userId}`
}

/**
 * Reads what changes are about, however many, in two rounds: the content first, and then who sees
 * it. A person who loses access in between is not sent what came after.
 *
 * @param watchers people whose streams are open
 */
export async function readCurrentState(
  db: Database,
  rows: readonly repository.OutboxRow[],
  watchers: ReadonlySet<string>,
): Promise<CurrentState> {
  const need = needsOf(rows, watchers)
  const [boards, workspaces, workspaceMembers, boardMembers, invites, memberships] =
    await Promise.all([
      some(need.boards, (ids) => repository.readBoards(db, ids)),
      some(need.workspaces, (ids) => repository.readWorkspaces(db, ids)),
      some(need.workspaceMembers, (ids) =>
        repository.readWorkspaceMembers(db, ids, [...need.people]),
      ),
      some(need.boardMembers, (ids) => repository.readBoardMembers(db, ids, [...need.people])),
      some(need.invites, (ids) => repository.readInvites(db, ids)),
      some(need.memberships, (ids) => readMemberships(db, ids)),
    ])
  const everyWorkspace = new Set(boards.map((board) => board.workspace_id))
  for (const { workspaceId } of rows) if (workspaceId !== null) everyWorkspace.add(workspaceId)
  const [workspaceRoles, boardRoles] = await Promise.all([
    some(everyWorkspace, (ids) => repository.readWorkspaceRoles(db, ids, watchers)),
    some(need.boards, (ids) => repository.readBoardRoles(db, ids, watchers)),
  ])
  return {
    boards: new Map(boards.map((row) => [row.id, row])),
    workspaces: new Map(workspaces.map((row) => [row.id, row])),
    workspaceMembers: new Map(
      workspaceMembers.map((row) => [pair(row.workspace_id, row.user_id), row]),
    ),
    boardMembers: new Map(boardMembers.map((row) => [pair(row.board_id, row.user_id), row])),
    invites: new Map(invites.map((row) => [row.id, row])),
    memberships: new Map(memberships.map((row) => [row.id, row])),
    workspaceRoles: byThing(workspaceRoles),
    boardRoles: byThing(boardRoles),
  }
}

/** A user's role on a board outside the trash; null without access. */
export function roleOf(state: CurrentState, boardId: string, userId: string): BoardRole | null {
  const board = state.boards.get(boardId)
  if (!board || board.is_gone) return null
  return memberRole({
    workspaceRole: state.workspaceRoles.get(board.workspace_id)?.get(userId) ?? null,
    boardRole: state.boardRoles.get(boardId)?.get(userId) ?? null,
  })
}

/**
 * Who of the watchers has something to do with a board, in the trash or not.
 * @param workspaceId where it was when something happened to it; null for where it is now
 */
export function peopleOf(
  state: CurrentState,
  boardId: string,
  workspaceId: string | null,
): Set<string> {
  const workspace = workspaceId ?? state.boards.get(boardId)?.workspace_id
  return new Set([
    ...(state.workspaceRoles.get(workspace ?? '')?.keys() ?? []),
    ...(state.boardRoles.get(boardId)?.keys() ?? []),
  ])
}

function needsOf(rows: readonly repository.OutboxRow[], watchers: ReadonlySet<string>) {
  const need = {
    boards: new Set<string>(),
    workspaces: new Set<string>(),
    workspaceMembers: new Set<string>(),
    boardMembers: new Set<string>(),
    people: new Set<string>(),
    invites: new Set<string>(),
    memberships: new Set<string>(),
  }
  for (const row of rows) {
    const { boards, members, workspaces, invites, memberships, reload } = effectsOf(row.type)
    const { workspaceId, boardId, userId, targetId, accessBoardIds } = row
    const isPersonal = boards?.whose === 'person'
    if (boards && (!isPersonal || watchers.has(userId ?? ''))) {
      if (boards.which === 'access') for (const id of accessBoardIds) need.boards.add(id)
    }
    if (reload) for (const id of accessBoardIds) need.boards.add(id)
    const isOnBoard = boards?.which === 'board' || members?.of === 'board' || invites
    if (isOnBoard && boardId !== null) need.boards.add(boardId)
    if (workspaces && workspaceId !== null) need.workspaces.add(workspaceId)
    if (invites && targetId !== null) need.invites.add(targetId)
    if (memberships && targetId !== null) need.memberships.add(targetId)
    if (members && userId !== null) {
      need.people.add(userId)
      if (members.of === 'workspace' && workspaceId) need.workspaceMembers.add(workspaceId)
      if (members.of === 'board' && boardId) need.boardMembers.add(boardId)
    }
  }
  return need
}

/** No question where there is nothing to ask for. */
async function some<Row>(ids: Set<string>, read: (ids: string[]) => Promise<Row[]>) {
  return ids.size === 0 ? [] : read([...ids])
}

function byThing<Role>(rows: readonly repository.RoleRow<Role>[]): Roles<Role> {
  const roles: Roles<Role> = new Map()
  for (const { thing, role, people } of rows) {
    const roleOfPerson = roles.get(thing) ?? new Map<string, Role>()
    roles.set(thing, roleOfPerson)
    for (const userId of people.split(',')) roleOfPerson.set(userId, role)
  }
  return roles
}
