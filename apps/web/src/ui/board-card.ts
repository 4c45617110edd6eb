import type { BoardDetails } from '@mindfuse/client'
import { paths } from '../app/router.ts'
import { h } from './dom.ts'
import { type MenuItem, menuButton } from './menu.ts'

/** A board in a list: thumbnail, name and menu. */
export function boardCard(
  board: Pick<BoardDetails, 'id' | 'name' | 'updatedAt'>,
  options: {
    thumbnailUrl: string | null
    /** Its address has ended: another is to be had of the board. */
    onThumbnailEnded: () => void
    note: string
    /** Whether it can be opened; false in the trash. */
    isLink: boolean
    menu: readonly MenuItem[]
    /** Who has it open. */
    people?: HTMLElement | undefined
  },
): HTMLElement {
  const { thumbnailUrl, onThumbnailEnded, note, isLink, menu, people } = options
  const picture = pictureOf(thumbnailUrl, onThumbnailEnded)
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

/** Kept by the API, whose origin is the page's. */
const KEPT = '/api/boards/'

function pictureOf(url: string | null, onEnded: () => void): HTMLElement {
  const empty = h('span', { class: 'thumbnail empty' })
  // External images are not loaded: their host would learn who views the list.
  if (!url?.startsWith(KEPT) && !url?.startsWith('data:image/')) return empty
  const error = () => {
    image.replaceWith(empty)
    if (hasEnded(url)) onEnded()
  }
  const image = h('img', {
    ...{ class: 'thumbnail', src: url, alt: '', loading: 'lazy' },
    on: { error },
  })
  return image
}

function hasEnded(url: string): boolean {
  const [, expires] = /[?&]expires=(\d+)/.exec(url) ?? []
  return url.startsWith(KEPT) && Number(expires) * 1_000 <= Date.now()
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
