import { Menu } from '@base-ui/react/menu'
import type { RefObject } from 'react'
import { Icon } from './icon.tsx'
import type { MenuChoice, MenuEntry } from './menu-entry.ts'

/** An open menu below its trigger, or above if there is no room. */
export default function MenuPopup({
  label,
  entries,
  trigger,
  onClose,
}: {
  label: string
  entries: readonly MenuEntry[]
  trigger: RefObject<HTMLButtonElement>
  onClose: () => void
}) {
  return (
    <Menu.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Menu.Portal>
        <Menu.Positioner anchor={trigger} align="end" sideOffset={4} collisionPadding={8}>
          <Menu.Popup className="menu" aria-label={label} finalFocus={trigger}>
            {entries.map((entry) =>
              'options' in entry ? (
                <Choice key={entry.label} {...entry} />
              ) : (
                <Menu.Item
                  key={entry.label}
                  className={`menu-item ${entry.isDangerous ? 'danger' : ''}`}
                  onClick={entry.onChoose}
                >
                  {entry.label}
                </Menu.Item>
              ),
            )}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}

function Choice({ label, value, options, onChoose }: MenuChoice) {
  return (
    <Menu.Group className="menu-group">
      <Menu.GroupLabel className="menu-label">{label}</Menu.GroupLabel>
      <Menu.RadioGroup value={value} onValueChange={onChoose}>
        {options.map((option) => (
          <Menu.RadioItem
            key={option.value}
            value={option.value}
            lang={option.lang}
            className="menu-item"
            closeOnClick
          >
            {option.label}
            <Menu.RadioItemIndicator className="menu-check">
              <Icon name="check" />
            </Menu.RadioItemIndicator>
          </Menu.RadioItem>
        ))}
      </Menu.RadioGroup>
    </Menu.Group>
  )
}
