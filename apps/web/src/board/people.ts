import type { Board, PresentUser } from '@mindfuse/client'
import { avatar } from '../ui/avatar.ts'
import { fill, h, isolate } from '../ui/dom.ts'
import { fullName } from '../ui/kinds.ts'
import type { Editor } from './editor.ts'

/** Avatars shown at most; the rest is a count. */
const MAX_AVATARS = 5

/** The people on the board. Clicking an avatar goes to that person's view, as `goTo` does. */
export function createPeople(
  board: Board,
  editor: Editor,
  self: { id: string; name: string },
): { element: HTMLElement; update(): void; goTo(userId: string): boolean } {
  const element = h('ul', { class: 'people', 'aria-label': 'People on this board' })
  let shown = ''

  /** @returns whether that person's view is known */
  const goTo = (userId: string): boolean => {
    const person = board.presence.users.find(({ user }) => user.id === userId)
    const viewport = person?.connections.find((connection) => connection.viewport)?.viewport
    if (!viewport) return false
    editor.camera = { x: viewport.x, y: viewport.y, zoom: viewport.zoom }
    return true
  }
  const entry = ({ user }: PresentUser) => {
    if (user.id === self.id)
      return h('li', { title: `${isolate(fullName(user))} (you)` }, avatar(user))
    const label = `Go to the view of ${fullName(user)}`
    const onClick = () => void goTo(user.id)
    return h(
      'li',
      {},
      h(
        'button',
        { type: 'button', title: label, 'aria-label': label, on: { click: onClick } },
        avatar(user),
      ),
    )
  }

  return {
    element,
    goTo,
    update() {
      const { users } = board.presence
      const others = users.filter(({ user }) => user.id !== self.id)
      const key = users.map(({ user }) => user.id + user.name).join()
      if (key === shown) return
      shown = key
      const me = users.filter(({ user }) => user.id === self.id)
      const all = [...others, ...me]
      const rest = all.length - MAX_AVATARS
      fill(
        element,
        ...all.slice(0, MAX_AVATARS).map(entry),
        rest > 0 && h('li', { class: 'avatar rest' }, `+${rest}`),
      )
    },
  }
}
