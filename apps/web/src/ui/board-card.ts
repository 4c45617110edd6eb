import type { BoardDetails } from '@mindfuse/client'
import { paths } from '../app/router.ts'
import { h } from './dom.ts'
import { type MenuItem, menuButton } from './menu.ts'

/** A board in a list: thumbnail, name and menu. */
export function boardCard(
  board: Pick<BoardDetails, 'id' | 'name' | 'updatedAt'>,
  options: {
    thumbnailUrl: string | null
    note: string
    /** Whether it can be opened; false in the trash. */
    isLink: boolean
    menu: readonly MenuItem[]
    /** Who has it open. */
    people?: HTMLElement | undefined
  },
): HTMLElement {
  const { thumbnailUrl, note, isLink, menu, people } = options
  // External images are not loaded: their host would learn who views the list.
  const isOurs = thumbnailUrl?.startsWith('data:image/') ?? false
  const picture = isOurs
    ? h('img', { class: 'thumbnail', src: thumbnailUrl, alt: '', loading: 'lazy' })
    : h('span', { class: 'thumbnail empty' })
  const name = h('span', { class: 'card-name' }, board.name)
  const opened = isLink
    ? h('a', { class: 'card-link', href: paths.board(board.id) }, picture, name)
    : h('span', { class: 'card-link' }, picture, name)
  return h(
    'li',
    { class: 'card' },
    opened,
    people,
    h('span', { class: 'card-note' }, note),
    menu.length > 0 && menuButton(`More actions for ${board.name}`, menu).element,
  )
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' })

/** A time relative to now: "5 minutes ago". */
export function ago(time: string, now = Date.now()): string {
  const seconds = Math.round((Date.parse(time) - now) / 1_000)
  for (const [unit, size] of UNITS) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit)
  }
  return 'just now'
}
