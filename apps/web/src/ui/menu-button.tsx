import { type KeyboardEvent, lazy, Suspense, useRef, useState } from 'react'
import { IconButton } from './icon-button.tsx'
import type { MenuEntry } from './menu-entry.ts'
import { whenIdle } from './when-idle.ts'

const loadPopup = () => import('./menu-popup.tsx')
const MenuPopup = lazy(loadPopup)
whenIdle(loadPopup)

/** A button that opens a menu. What the menu is made of is loaded once the page is there. */
export function MenuButton({ label, entries }: { label: string; entries: readonly MenuEntry[] }) {
  const trigger = useRef<HTMLButtonElement>(null)
  const [isOpen, setOpen] = useState(false)
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.code !== 'ArrowDown' && event.code !== 'ArrowUp') return
    event.preventDefault()
    setOpen(true)
  }
  return (
    <span className="menu-anchor">
      <IconButton
        icon="more"
        label={label}
        ref={trigger}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onClick={() => setOpen(true)}
        onKeyDown={onKeyDown}
      />
      <Suspense fallback={null}>
        {isOpen && (
          <MenuPopup
            label={label}
            entries={entries}
            trigger={trigger}
            onClose={() => setOpen(false)}
          />
        )}
      </Suspense>
    </span>
  )
}
