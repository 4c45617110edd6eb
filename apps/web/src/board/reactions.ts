import type { Board } from '@mindfuse/client'
import { personColor } from '../ui/avatar.ts'
import { h } from '../ui/dom.ts'
import { menuButton } from '../ui/menu.ts'

const REACTIONS: readonly string[] = ['👍', '❤️', '🎉', '😂', '😮', '👀']

/** Reactions shown at a time; the oldest is removed first. */
const MAX_FLOATING = 40

/** Horizontal spread of rising reactions, pixels. */
const DRIFT_PX = 160

/** A menu of reactions, and the layer in which everyone's float up. */
export function createReactions(board: Board): {
  /** The button that opens the menu. */
  trigger: HTMLElement
  /** The layer they float in. */
  layer: HTMLElement
  update(): void
  open(): void
  close(): void
} {
  const layer = h('div', { class: 'reactions-layer', 'aria-live': 'polite' })
  // The sender's own is shown when it is echoed, in the same order as for everyone else.
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
    // Any client may broadcast here; ignore what is not one of our reactions.
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
