import type { BoardDetails, Client, Reply } from '@mindfuse/client'
import { useEvents } from '@mindfuse/react'
import { useCallback } from 'react'
import { type Live, useLive } from '../app/use-live.ts'

export type Member = Reply<'GET /api/boards/{boardId}/members'>['items'][number]
export type Guest = Reply<'GET /api/boards/{boardId}/guests'>['items'][number]
export type LinkItem = Reply<'GET /api/boards/{boardId}/links'>['items'][number]
export type InviteItem = Reply<'GET /api/boards/{boardId}/invites'>['items'][number]

/** Most guests that are shown, those who came last; the list of the API has the others. */
const MAX_GUESTS = 50

/** Most links that are read; those that have ended are left out. */
const MAX_LINKS = 100

/** Who has access to a board, and by what: as far as the user may see it. */
export interface Shares {
  members: readonly Member[]
  guests: readonly Guest[]
  links: readonly LinkItem[]
  invites: readonly InviteItem[]
}

/** The shares of a board, as they change. */
export function useSharing({ api }: Client, { id, access }: BoardDetails): Live<Shares> {
  const { invite, manageMembers } = access.can
  const read = useCallback(async () => {
    const [members, guests, links, invites] = await Promise.all([
      api.boards.members(id),
      manageMembers ? api.links.guests(id, { limit: MAX_GUESTS }) : NONE,
      invite ? api.links.list(id, { limit: MAX_LINKS }) : NONE,
      invite ? api.invites.list(id) : NONE,
    ])
    return {
      members: members.items,
      guests: guests.items,
      links: links.items.filter(isOpen),
      invites: invites.items.filter(isOpen),
    }
  }, [api, id, invite, manageMembers])
  return useLive(read, useEvents(), 'members:update', 'invites:update')
}

const NONE = { items: [] }

const isOpen = ({ state }: { state: string }) => state === 'open'
