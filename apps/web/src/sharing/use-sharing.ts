import { type BoardDetails, type Client, MindfuseError, type Reply } from '@mindfuse/client'
import { useEvents } from '@mindfuse/react'
import { useCallback } from 'react'
import { type Live, useLive } from '../app/use-live.ts'

export type Member = Reply<'GET /api/boards/{boardId}/members'>['items'][number]
export type Colleague = Reply<'GET /api/workspaces/{workspaceId}/members'>['items'][number]
export type Guest = Reply<'GET /api/boards/{boardId}/guests'>['items'][number]
export type LinkItem = Reply<'GET /api/boards/{boardId}/links'>['items'][number]
export type InviteItem = Reply<'GET /api/boards/{boardId}/invites'>['items'][number]

/** Most people of the workspace that are shown; the others are on its page of members. */
const MAX_COLLEAGUES = 50

/** Most guests that are shown, those who came last; the list of the API has the others. */
const MAX_GUESTS = 50

/** Most links that are read; those that have ended are left out. */
const MAX_LINKS = 100

/** The workspace of a board, for those who are in it, and who has access to the board by it. */
export interface BoardWorkspace {
  id: string
  name: string
  canManage: boolean
  people: readonly Colleague[]
  /** Whether there are more people than these. */
  hasMore: boolean
}

/** Who has access to a board, and by what: as far as the user may see it. */
export interface Shares {
  members: readonly Member[]
  workspace: BoardWorkspace | undefined
  guests: readonly Guest[]
  links: readonly LinkItem[]
  invites: readonly InviteItem[]
}

/** The shares of a board, as they change. */
export function useSharing(
  { api }: Client,
  { id, workspaceId, access }: BoardDetails,
): Live<Shares> {
  const { invite, manageMembers } = access.can
  const read = useCallback(async () => {
    const [members, workspace, guests, links, invites] = await Promise.all([
      api.boards.members(id),
      readWorkspace(api, workspaceId),
      manageMembers ? api.links.guests(id, { limit: MAX_GUESTS }) : NONE,
      invite ? api.links.list(id, { limit: MAX_LINKS }) : NONE,
      invite ? api.invites.list(id) : NONE,
    ])
    const direct = new Set(members.items.map(({ userId }) => userId))
    return {
      members: members.items,
      workspace: workspace && {
        ...workspace,
        people: workspace.people.filter(({ userId }) => !direct.has(userId)),
      },
      guests: guests.items,
      links: links.items.filter(isOpen),
      invites: invites.items.filter(isOpen),
    }
  }, [api, id, workspaceId, invite, manageMembers])
  return useLive(read, useEvents(), 'members:update', 'invites:update')
}

/** Undefined for who is on the board alone, and not in its workspace. */
async function readWorkspace(
  { workspaces }: Client['api'],
  workspaceId: string,
): Promise<BoardWorkspace | undefined> {
  try {
    const [{ id, name, access }, members] = await Promise.all([
      workspaces.get(workspaceId),
      workspaces.members(workspaceId, { limit: MAX_COLLEAGUES }),
    ])
    const { manageMembers: canManage } = access.can
    return { id, name, canManage, people: members.items, hasMore: members.nextCursor !== null }
  } catch (error) {
    if (error instanceof MindfuseError && error.status === 404) return undefined
    throw error
  }
}

const NONE = { items: [] }

const isOpen = ({ state }: { state: string }) => state === 'open'
