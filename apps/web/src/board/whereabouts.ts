import type { BoardDetails, Client, PresentUser } from '@mindfuse/client'
import { paths } from '../app/router.ts'
import { avatar } from '../ui/avatar.ts'
import { fill, h } from '../ui/dom.ts'
import { fullName } from '../ui/kinds.ts'

/** Avatars shown at most; the rest is a count. */
const MAX_AVATARS = 3

/** What a board page is present with in the channel of the board's workspace. */
interface Whereabouts {
  board: string
}

type Person = PresentUser['user']

const topicOf = (workspaceId: string) => `workspace:${workspaceId}` as const

/** Makes known in the workspace that the board is open here. @returns a function that ends it */
export function shareWhereabouts(
  client: Client,
  { id, workspaceId }: Pick<BoardDetails, 'id' | 'workspaceId'>,
): () => void {
  const channel = client.channel(topicOf(workspaceId))
  // Who is not in the workspace is refused, and not listed.
  channel.subscribe()
  void channel.track({ board: id } satisfies Whereabouts)
  return () => void channel.unsubscribe()
}

/** Who has which board of a workspace open, as avatars that lead there. */
export function createWhereabouts(
  { client, user: self }: { client: Client; user: Pick<Person, 'id'> },
  workspaceId: string,
): { of(boardId: string): HTMLElement; close(): void } {
  const channel = client.channel(topicOf(workspaceId))
  const lists = new Map<string, { element: HTMLElement; shown: string }>()
  let people = new Map<string, Person[]>()

  const read = () => {
    people = new Map()
    for (const state of Object.values(channel.presenceState<Partial<Whereabouts>>()).flat()) {
      const { board, presence_user: user } = state
      if (typeof board !== 'string' || user.id === self.id) continue
      const here = people.get(board) ?? []
      if (!here.some(({ id }) => id === user.id)) people.set(board, [...here, user])
    }
  }
  /** Touches only what has changed: a focused avatar stays. */
  const show = (boardId: string) => {
    const list = lists.get(boardId)
    const here = (people.get(boardId) ?? []).toSorted(
      (a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id),
    )
    const key = JSON.stringify(here)
    if (!list || list.shown === key) return
    list.shown = key
    list.element.hidden = here.length === 0
    const rest = here.length - MAX_AVATARS
    fill(
      list.element,
      ...here.slice(0, MAX_AVATARS).map((person) => entry(person, boardId)),
      rest > 0 && h('li', { class: 'avatar rest', title: `${rest} more` }, `+${rest}`),
    )
  }
  channel.on('presence', { event: 'sync' }, () => {
    read()
    for (const boardId of lists.keys()) show(boardId)
  })
  channel.subscribe()

  return {
    of(boardId) {
      const known = lists.get(boardId)
      if (known) return known.element
      const attributes = { class: 'people', 'aria-label': 'People on this board', hidden: true }
      const element = h('ul', attributes)
      lists.set(boardId, { element, shown: '[]' })
      show(boardId)
      return element
    },
    close: () => void channel.unsubscribe(),
  }
}

function entry(person: Person, boardId: string): HTMLElement {
  const label = `Go to the view of ${fullName(person)}`
  const href = `${paths.board(boardId)}?follow=${encodeURIComponent(person.id)}`
  return h('li', {}, h('a', { href, title: label, 'aria-label': label }, avatar(person)))
}

/** Goes to the view of the person whom the address names, as soon as it is known. */
export function createFollow(goTo: (userId: string) => boolean): () => void {
  let wanted = new URLSearchParams(location.search).get('follow')
  return () => {
    const userId = wanted
    // Before the view changes, which updates the page.
    wanted = null
    if (userId === null) return
    if (goTo(userId)) history.replaceState(null, '', location.pathname)
    else wanted = userId
  }
}
