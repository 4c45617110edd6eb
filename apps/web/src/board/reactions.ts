import type { Board } from '@mindfuse/client'
import { personColor } from '../ui/avatar.ts'
import { h } from '../ui/dom.ts'
import { menuButton } from '../ui/menu.ts'

const REACTIONS: readonly string[] = ['👍', '❤️', '🎉', '😂', '😮', '👀']

/** Most that float at a time; older ones go. */
const MAX_FLOATING = 40

/** How far apart they rise, pixels. */
const DRIFT_PX = 160

/** A menu of reactions, and where everybody's float up. */
export function createReactions(board: Board): {
  /** The button that opens the menu. */
  trigger: HTMLElement
  /** Where they float. */
  layer: HTMLElement
  update(): void
  open(): void
  close(): void
} {
  const layer = h('div', { class: 'reactions-layer', 'aria-live': 'polite' })
  // One sees one's own when it comes back, as everybody else does.
  const items = REACTIONS.map((label) => ({
    label,
    onChoose: () => void board.broadcast('reaction', label, { self: true }),
  }))
  const { element, trigger } = menuButton('React (E)', items, {
    icon: 'smile',
    className: 'reactions',
    staysOpen: true,
  })
  const stop = board.on('broadcast:reaction', ({ payload, user }) => {
    // Another program may say anything; what is no reaction of ours is not shown.
    if (typeof payload !== 'string' || !REACTIONS.includes(payload)) return
    layer.append(createReaction(payload, user))
    while (layer.children.length > MAX_FLOATING) layer.firstElementChild?.remove()
  })
  return {
    trigger: element,
    layer,
    update() {
      trigger.disabled = !board.canBroadcast
    },
    open: () => trigger.click(),
    close: stop,
  }
}

function createReaction(emoji: string, { id, name }: { id: string; name: string }): HTMLElement {
  const label = h('span', { class: 'reaction-name' }, name)
  label.style.backgroundColor = personColor(id)
  const element = h(
    'div',
    { class: 'reaction', on: { animationend: () => element.remove() } },
    h('span', { class: 'reaction-emoji' }, emoji),
    label,
  )
  element.style.setProperty('--drift', `${Math.round((Math.random() - 0.5) * DRIFT_PX)}px`)
  return element
}
