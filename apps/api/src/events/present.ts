import { presentMember as presentBoardMember } from '../board-members/service.ts'
import { NO_GRANTS } from '../boards/access.ts'
import { canOnBoard } from '../boards/policy.ts'
import { presentBoard } from '../boards/present-board.ts'
import type { ThumbnailAddresses } from '../boards/thumbnail-addresses.ts'
import { presentInvite, seesEmailOf } from '../invites/service.ts'
import { presentMembership } from '../pending-memberships/present-membership.ts'
import { presentMember } from '../workspace-members/service.ts'
import { canInWorkspace } from '../workspaces/policy.ts'
import { NO_KEY } from '../workspaces/repository.ts'
import { presentWorkspace } from '../workspaces/service.ts'
import { type CurrentState, pair, peopleOf, roleOf } from './current-state.ts'
import { type Effects, effectsOf, type Presence } from './effects.ts'
import { type Chunk, eventFrame, type StreamEventName } from './frames.ts'
import type { OutboxRow } from './repository.ts'

/** Most boards of one change that are sent one by one; past it, the whole list is sent again. */
export const MAX_BOARDS_PER_CHANGE = 500

/** A change as it is sent to the people who watch. */
export interface PresentedChange {
  seq: number
  /** The workspace it happened in; null where whole lists are sent again. */
  workspaceId: string | null
  createdAt: Date
  /** Sessions that ended. */
  sessionIds: string[]
  /** People who get their list anew instead. */
  reload: ReadonlySet<string>
  /** The same bytes for all who see the same. */
  groups: { chunk: Chunk; userIds: string[] }[]
}

/** One event, and what distinguishes it from other views of the same thing. */
interface Part {
  name: StreamEventName
  json: string
}

/** What a change makes everybody see who watches, each view of it made once. */
export function presentChange(
  row: OutboxRow,
  state: CurrentState,
  watchers: ReadonlySet<string>,
  addresses: ThumbnailAddresses,
): PresentedChange {
  const { seq, workspaceId, createdAt, sessionIds } = row
  const effects = effectsOf(row.type)
  const reload = whoReloads(row, effects, state, watchers)
  // Who gets a list anew has seen all of the change only with that.
  const parts = new Parts(seq, reload.size > 0 ? seq - 1 : seq)
  tellWorkspaces(row, effects, state, watchers, parts)
  if (reload.size === 0) tellBoards(row, effects, state, watchers, parts, addresses)
  tellMembers(row, effects, state, parts)
  tellInvites(row, effects, state, parts)
  tellMemberships(row, effects, state, watchers, parts)
  return { seq, workspaceId, createdAt, sessionIds, reload, groups: parts.groups() }
}

function whoReloads(
  row: OutboxRow,
  { boards, reload }: Effects,
  state: CurrentState,
  watchers: ReadonlySet<string>,
): Set<string> {
  const isTooMuch = boards?.which === 'access' && row.accessBoardIds.length > MAX_BOARDS_PER_CHANGE
  if (!reload && !isTooMuch) return new Set()
  if (boards?.whose === 'person') return watching([row.userId], watchers)
  const people = row.accessBoardIds.flatMap((id) => [...peopleOf(state, id, row.workspaceId)])
  return watching([...people, ...row.formerMembers], watchers)
}

function tellBoards(
  row: OutboxRow,
  { boards }: Effects,
  state: CurrentState,
  watchers: ReadonlySet<string>,
  parts: Parts,
  addresses: ThumbnailAddresses,
): void {
  if (!boards) return
  const ids = boards.which === 'access' ? row.accessBoardIds : [row.boardId]
  for (const id of ids) {
    if (id === null) continue
    const board = state.boards.get(id)
    const workspaceId = row.workspaceId ?? board?.workspace_id
    // A board that has moved is gone from where it was, also for those who see it where it is now.
    const isHere = board?.workspace_id === workspaceId
    const people =
      boards.whose === 'person'
        ? watching([row.userId], watchers)
        : new Set([
            ...peopleOf(state, id, row.workspaceId),
            ...watching(row.formerMembers, watchers),
          ])
    for (const userId of people) {
      const role = roleOf(state, id, userId)
      if (board && isHere && role) {
        parts.add(userId, 'boards:update', boards.as, `${id} ${role}`, () =>
          presentBoard({ ...board, ...NO_GRANTS, board_role: role }, addresses),
        )
      } else {
        parts.add(userId, 'boards:update', 'delete', id, () => ({ id, workspaceId }))
      }
    }
  }
}

function tellWorkspaces(
  { workspaceId: id, userId: person }: OutboxRow,
  { workspaces }: Effects,
  state: CurrentState,
  watchers: ReadonlySet<string>,
  parts: Parts,
): void {
  if (!workspaces || id === null) return
  const workspace = state.workspaces.get(id)
  const roles = state.workspaceRoles.get(id)
  const people = watching([person], watchers)
  if (workspaces.whose === 'everyone') for (const userId of roles?.keys() ?? []) people.add(userId)
  for (const userId of people) {
    const role = roles?.get(userId)
    if (workspace && role) {
      parts.add(userId, 'workspaces:update', workspaces.as, role, () =>
        presentWorkspace({ ...workspace, role, ...NO_KEY }),
      )
    } else {
      parts.add(userId, 'workspaces:update', 'delete', id, () => ({ id }))
    }
  }
}

function tellMembers(
  { workspaceId, boardId, userId: person }: OutboxRow,
  { members }: Effects,
  state: CurrentState,
  parts: Parts,
): void {
  if (!members || person === null || workspaceId === null) return
  if (members.of === 'workspace') {
    // Where the workspace is gone, so are its members: that is an event of its own.
    if (!state.workspaces.has(workspaceId)) return
    const member = state.workspaceMembers.get(pair(workspaceId, person))
    const place = { workspaceId, boardId: null }
    for (const userId of state.workspaceRoles.get(workspaceId)?.keys() ?? []) {
      parts.add(userId, 'members:update', member ? members.as : 'delete', 'member', () =>
        member ? { ...place, ...presentMember(member) } : { ...place, userId: person },
      )
    }
    return
  }
  if (boardId === null) return
  const member = state.boardMembers.get(pair(boardId, person))
  for (const userId of peopleOf(state, boardId, workspaceId)) {
    const role = roleOf(state, boardId, userId)
    if (!role) continue
    const withEmail = canOnBoard(role, 'manageMembers')
    const view = `member ${withEmail}`
    parts.add(userId, 'members:update', member ? members.as : 'delete', view, () =>
      member
        ? { workspaceId, boardId, ...presentBoardMember(member, withEmail) }
        : { workspaceId, boardId, userId: person },
    )
  }
}

function tellInvites(
  { boardId, workspaceId, targetId }: OutboxRow,
  { invites }: Effects,
  state: CurrentState,
  parts: Parts,
): void {
  if (!invites || boardId === null || targetId === null) return
  const invite = state.invites.get(targetId)
  for (const userId of peopleOf(state, boardId, workspaceId)) {
    const role = roleOf(state, boardId, userId)
    if (!role || !canOnBoard(role, 'invite')) continue
    const withEmail = invite !== undefined && seesEmailOf(invite, { userId, role })
    const view = `invite ${withEmail}`
    parts.add(userId, 'invites:update', invite ? invites.as : 'delete', view, () =>
      invite ? presentInvite(invite, withEmail) : { id: targetId, boardId },
    )
  }
}

function tellMemberships(
  { workspaceId, targetId, formerMembers }: OutboxRow,
  { memberships }: Effects,
  state: CurrentState,
  watchers: ReadonlySet<string>,
  parts: Parts,
): void {
  if (!memberships || workspaceId === null || targetId === null) return
  const membership = state.memberships.get(targetId)
  const people = watching(formerMembers, watchers)
  for (const [userId, role] of state.workspaceRoles.get(workspaceId) ?? []) {
    if (canInWorkspace(role, 'manageMembers')) people.add(userId)
  }
  for (const userId of people) {
    const type = membership ? memberships.as : 'delete'
    parts.add(userId, 'memberships:update', type, 'membership', () =>
      membership ? presentMembership(membership) : { id: targetId, workspaceId },
    )
  }
}

/** Collects what each watcher is sent of one change, and makes each combination's bytes once. */
class Parts {
  readonly #seq: number
  readonly #lastId: number
  readonly #parts: Part[] = []
  readonly #known = new Map<string, number>()
  readonly #byPerson = new Map<string, number[]>()

  /** @param lastId what stands as the `id` of each person's last event */
  constructor(seq: number, lastId: number) {
    this.#seq = seq
    this.#lastId = lastId
  }

  /** @param view distinguishes what people see of the same thing */
  add(
    userId: string,
    name: StreamEventName,
    type: Presence | 'delete',
    view: string,
    present: () => unknown,
  ): void {
    const key = `${name} ${type} ${view}`
    let index = this.#known.get(key)
    if (index === undefined) {
      const json = JSON.stringify({ eventId: `${this.#seq}`, type, data: present() })
      index = this.#parts.push({ name, json }) - 1
      this.#known.set(key, index)
    }
    const parts = this.#byPerson.get(userId)
    if (parts) parts.push(index)
    else this.#byPerson.set(userId, [index])
  }

  groups(): { chunk: Chunk; userIds: string[] }[] {
    const groups = new Map<string, { chunk: Chunk; userIds: string[] }>()
    for (const [userId, indices] of this.#byPerson) {
      const signature = indices.join()
      const group = groups.get(signature)
      if (group) group.userIds.push(userId)
      else groups.set(signature, { chunk: this.#chunkOf(indices), userIds: [userId] })
    }
    return [...groups.values()]
  }

  /**
   * A client that is cut off in the middle of a change has not seen all of it, so before its last
   * event the position is still the one before the change.
   */
  #chunkOf(indices: readonly number[]): Chunk {
    const parts = indices.flatMap((index) => this.#parts[index] ?? [])
    const frames = parts.map(({ name, json }, i) =>
      eventFrame({ name, json, id: i === parts.length - 1 ? this.#lastId : this.#seq - 1 }),
    )
    return { bytes: Buffer.from(frames.join('')), names: parts.map(({ name }) => name) }
  }
}

function watching(userIds: readonly (string | null)[], watchers: ReadonlySet<string>): Set<string> {
  return new Set(userIds.filter((id): id is string => id !== null && watchers.has(id)))
}
