import type { BoardRole, WorkspaceRole } from '@mindfuse/protocol'
import { type Answer, callApi, createBoard, type SignedIn, signIn } from '@mindfuse/testing'
import { documentCalls } from './documents.ts'
import type { Stack } from './stack.ts'

/** How many sign in concurrently: with more, requests time out. */
const SIGN_INS_AT_ONCE = 8

/** Signs people in. `newBoard` creates a board of the first, on which the others are editors. */
export async function createTeam(
  stack: Stack,
  size: number,
): Promise<{ people: SignedIn[]; newBoard(): Promise<string> }> {
  const people: SignedIn[] = []
  while (people.length < size) {
    const next = Array.from({ length: Math.min(SIGN_INS_AT_ONCE, size - people.length) }, (_, i) =>
      signIn(stack.apiUrl, `person-${people.length + i}@example.com`),
    )
    people.push(...(await Promise.all(next)))
  }
  const newBoard = async () => {
    const boardId = await createBoard(stack.apiUrl, people[0]!.accessToken)
    await stack.database.query(
      `INSERT INTO board_members (board_id, user_id, role)
       SELECT $1, unnest($2::uuid[]), 'editor'`,
      [boardId, people.slice(1).map(({ user }) => user.id)],
    )
    return boardId
  }
  return { people, newBoard }
}

/** Makes a person a member of a board with this role, without the API. */
export const addMember = memberOf<BoardRole>('board')

/** Makes a person a member of a workspace with this role, without the API. */
export const joinWorkspace = memberOf<WorkspaceRole>('workspace')

function memberOf<Role extends string>(place: 'board' | 'workspace') {
  return async (
    { database }: { database: Pick<Stack['database'], 'query'> },
    id: string,
    { user }: SignedIn,
    role: Role,
  ): Promise<void> => {
    await database.query(
      `INSERT INTO ${place}_members (${place}_id, user_id, role) VALUES ($1, $2, $3)
       ON CONFLICT (${place}_id, user_id) DO UPDATE SET role = $3`,
      [id, user.id, role],
    )
  }
}

/** The board's shapes as PostgreSQL has them. */
export async function storedShapes(stack: Stack, boardId: string): Promise<Record<string, any>> {
  return (await documentCalls(stack).open(boardId)).getMap('shapes').toJSON()
}

/** Makes a person a member of a workspace through the API: a manager offers it, and they accept. */
export async function offerAndAccept(
  { apiUrl }: Pick<Stack, 'apiUrl'>,
  workspaceId: string,
  people: { by: SignedIn; whom: SignedIn; role?: WorkspaceRole },
): Promise<Answer> {
  const { by, whom, role = 'member' } = people
  const offer = await callApi(`${apiUrl}/api/workspaces/${workspaceId}/members`, {
    token: by.accessToken,
    body: { email: whom.user.email, role },
  })
  if (offer.status !== 202) return offer
  return callApi(`${apiUrl}/api/memberships/${offer.body.id}/accept`, {
    token: whom.accessToken,
    method: 'POST',
  })
}
