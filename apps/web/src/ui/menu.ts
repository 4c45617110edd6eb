import { h } from './dom.ts'
import { type IconName, icon } from './icons.ts'

/** An entry of a menu. */
export interface MenuItem {
  label: string
  onChoose: () => void
  isDangerous?: boolean
}

/** Options of a menu. */
export interface MenuOptions {
  icon?: IconName
  className?: string
  /** Whether it stays open after an item was chosen. */
  staysOpen?: boolean
}

/**
 * A button that opens a menu below it, or above if there is no room. Arrow keys move the focus;
 * Escape and a click outside close it.
 */
export function menuButton(
  label: string,
  items: readonly MenuItem[],
  { icon: iconName = 'more', className = '', staysOpen = false }: MenuOptions = {},
): { element: HTMLElement; trigger: HTMLButtonElement } {
  const menu = h('div', {
    class: `menu ${className}`,
    role: 'menu',
    'aria-label': label,
    popover: 'auto',
  })
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
    icon(iconName),
  )
  for (const { label, onChoose, isDangerous = false } of items) {
    const choose = () => {
      if (!staysOpen) menu.hidePopover()
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
    const isRoomBelow = place.bottom + 4 + menu.offsetHeight <= innerHeight - 8
    const top = isRoomBelow ? place.bottom + 4 : place.top - menu.offsetHeight - 4
    menu.style.top = `${Math.max(8, top)}px`
    menu.style.left = `${Math.max(8, Math.min(place.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`
    entries[0]?.focus()
  }
  menu.addEventListener('keydown', (event) => {
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const at = entries.indexOf(document.activeElement as HTMLElement)
    entries.at((at + step) % entries.length)?.focus()
  })
  return { element: h('span', { class: `menu-anchor ${className}` }, trigger, menu), trigger }
}
