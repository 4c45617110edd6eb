import { BOARD_ROLES } from '@mindfuse/protocol'
import { type Answer, callApi, type SignedIn, signIn } from '@mindfuse/testing'
import { addMember, joinWorkspace } from './people.ts'
import type { Stack } from './stack.ts'

/** What a person can be to a board, from all access to none. */
export const PARTS = [
  'workspaceOwner',
  'workspaceMember',
  'owner',
  'editor',
  'commenter',
  'viewer',
  'stranger',
] as const

/** One of {@link PARTS}. */
export type Part = (typeof PARTS)[number]

/** A team workspace and a person in every part. Those with roles of boards are guests of them. */
export interface Cast extends Record<Part, SignedIn> {
  workspaceId: string
  /** Calls the API as a person. */
  call(
    who: SignedIn,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
  /** Creates a board of the workspace owner, with each person in their part. */
  newBoard(name?: string): Promise<string>
  /** The outbox's events of a board, oldest first. */
  events(boardId: string): Promise<BoardEvent[]>
  /** The audit entries of a target, oldest first. */
  audit(targetId: string): Promise<{ action: string; actorId: string; changes: unknown }[]>
}

/** An entry of the outbox. */
export interface BoardEvent {
  type: string
  userId: string | null
  access: { boardId: string; version: number }[]
}

/** Signs a person in for each part. */
export async function createCast(stack: Stack): Promise<Cast> {
  const { apiUrl, database } = stack
  const call: Cast['call'] = (who, method, path, body, headers = {}) =>
    callApi(`${apiUrl}${path}`, { token: who.accessToken, method, body, headers })
  const people = await Promise.all(
    PARTS.map(async (part) => [part, await signIn(apiUrl, `${part}@example.com`)] as const),
  )
  const parts = Object.fromEntries(people) as Record<Part, SignedIn>

  const workspace = await call(parts.workspaceOwner, 'POST', '/api/workspaces', { name: 'Team' })
  const workspaceId: string = workspace.body.id
  await joinWorkspace(stack, workspaceId, parts.workspaceMember, 'member')

  return {
    ...parts,
    workspaceId,
    call,
    async newBoard(name = 'Board') {
      const path = `/api/workspaces/${workspaceId}/boards`
      const { body } = await call(parts.workspaceOwner, 'POST', path, { name })
      for (const role of BOARD_ROLES) {
        await addMember(stack, body.id, parts[role], role)
      }
      return body.id
    },
    events: (boardId) =>
      database.query(
        `SELECT type, user_id AS "userId", data -> 'access' AS access
         FROM events WHERE board_id = $1 ORDER BY created_at`,
        [boardId],
      ) as Promise<BoardEvent[]>,
    audit: (targetId) =>
      database.query(
        `SELECT action, actor_id AS "actorId", changes
         FROM audit_entries WHERE target_id = $1 ORDER BY created_at`,
        [targetId],
      ),
  }
}
