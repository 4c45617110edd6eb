import type { Board, PresentUser } from '@mindfuse/client'
import { avatar } from '../ui/avatar.ts'
import { fill, h, isolate } from '../ui/dom.ts'
import { fullName } from '../ui/kinds.ts'
import type { Editor } from './editor.ts'

/** Avatars shown at most; the rest is a count. */
const MAX_AVATARS = 5

/** The people on the board. Clicking an avatar goes to that person's view. */
export function createPeople(
  board: Board,
  editor: Editor,
  self: { id: string; name: string },
): { element: HTMLElement; update(): void } {
  const element = h('ul', { class: 'people', 'aria-label': 'People on this board' })
  let shown = ''

  const goTo = ({ connections }: PresentUser) => {
    const viewport = connections.find((connection) => connection.viewport)?.viewport
    if (viewport) editor.camera = { x: viewport.x, y: viewport.y, zoom: viewport.zoom }
  }
  const entry = (person: PresentUser) => {
    const { user } = person
    if (user.id === self.id)
      return h('li', { title: `${isolate(fullName(user))} (you)` }, avatar(user))
    const label = `Go to the view of ${fullName(user)}`
    const onClick = () => {
      const now = board.presence.users.find((other) => other.user.id === user.id)
      if (now) goTo(now)
    }
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
