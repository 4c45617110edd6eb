import { Menu } from '@base-ui/react/menu'
import type { RefObject } from 'react'
import { useMessages } from '../language/language.ts'

/**
 * An open menu of reactions; it stays open, as people send several.
 *
 * @param opener has the focus again when it closes
 */
export default function ReactionsPopup({
  reactions,
  trigger,
  opener,
  onChoose,
  onClose,
}: {
  reactions: readonly string[]
  trigger: RefObject<HTMLButtonElement>
  opener: Element | null
  onChoose: (reaction: string) => void
  onClose: () => void
}) {
  const { text } = useMessages()
  return (
    <Menu.Root
      open
      orientation="horizontal"
      modal={false}
      onOpenChange={(isOpen, { event }) => {
        // A click on the button closes it by itself.
        const isOnTrigger = event.target instanceof Node && trigger.current?.contains(event.target)
        if (!isOpen && !isOnTrigger) onClose()
      }}
    >
      <Menu.Portal>
        <Menu.Positioner anchor={trigger} align="end" sideOffset={6}>
          <Menu.Popup
            className="menu reactions"
            aria-label={text('board.react')}
            finalFocus={() => opener as HTMLElement}
          >
            {reactions.map((reaction) => (
              <Menu.Item
                key={reaction}
                className="menu-item"
                closeOnClick={false}
                onClick={() => onChoose(reaction)}
              >
                {reaction}
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
