import { h } from './dom.ts'
import { icon } from './icons.ts'

/** An entry of a menu. */
export interface MenuItem {
  label: string
  onChoose: () => void
  isDangerous?: boolean
}

/** A button that opens a menu below itself; arrows move in it, Escape and a click beside close it. */
export function menuButton(label: string, items: readonly MenuItem[]): HTMLElement {
  const menu = h('div', { class: 'menu', role: 'menu', 'aria-label': label, popover: 'auto' })
  const trigger = h(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      title: label,
      'aria-label': label,
      'aria-haspopup': 'menu',
      on: { click: () => toggle() },
    },
    icon('more'),
  )
  for (const { label, onChoose, isDangerous = false } of items) {
    const choose = () => {
      menu.hidePopover()
      onChoose()
    }
    menu.append(
      h(
        'button',
        {
          type: 'button',
          role: 'menuitem',
          class: isDangerous ? 'danger' : '',
          on: { click: choose },
        },
        label,
      ),
    )
  }
  const entries = [...menu.children] as HTMLElement[]

  const toggle = () => {
    menu.togglePopover()
    if (!menu.matches(':popover-open')) return
    const place = trigger.getBoundingClientRect()
    menu.style.top = `${Math.min(place.bottom + 4, innerHeight - menu.offsetHeight - 8)}px`
    menu.style.left = `${Math.max(8, Math.min(place.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`
    entries[0]?.focus()
  }
  menu.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const at = entries.indexOf(document.activeElement as HTMLElement)
    entries.at((at + step) % entries.length)?.focus()
  })
  return h('span', { class: 'menu-anchor' }, trigger, menu)
}
