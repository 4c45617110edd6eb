import { Menu } from '@base-ui/react/menu'
import type { Board, Broadcast, User } from '@mindfuse/client'
import { useBroadcast } from '@mindfuse/react'
import { type CSSProperties, type RefObject, useEffect, useRef, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { Icon } from '../ui/icon.tsx'
import { colorsOn } from './colors-on.ts'
import { useBoardValue } from './use-board-value.ts'

const REACTIONS: readonly string[] = ['👍', '❤️', '🎉', '😂', '😮', '👀']

/** Reactions shown at a time; the oldest is removed first. */
const MAX_FLOATING = 40

/** Horizontal spread of rising reactions, pixels. */
const DRIFT_PX = 160

/** A menu of reactions; it stays open, as people send several. */
export function ReactionsMenu({ board }: { board: Board }) {
  const { text } = useMessages()
  const canBroadcast = useBoardValue(board, (open) => open.canBroadcast)
  const send = useBroadcast(board, 'reaction')
  const trigger = useRef<HTMLButtonElement>(null)
  const opener = useRef<Element | null>(null)
  const onOpenChange = (isOpen: boolean) => {
    if (isOpen) opener.current = document.activeElement
  }
  useClickByKey(trigger)
  return (
    <Menu.Root orientation="horizontal" modal={false} onOpenChange={onOpenChange}>
      <Menu.Trigger
        ref={trigger}
        className="icon-button"
        title={text('board.react.key')}
        aria-label={text('board.react')}
        aria-keyshortcuts="Shift+E"
        disabled={!canBroadcast}
      >
        <Icon name="smile" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={6}>
          <Menu.Popup
            className="menu reactions"
            aria-label={text('board.react')}
            finalFocus={() => opener.current as HTMLElement}
          >
            {REACTIONS.map((reaction) => (
              <Menu.Item
                key={reaction}
                className="menu-item"
                closeOnClick={false}
                // The sender's own is shown when it is echoed, in the same order as for everyone else.
                onClick={() => send(reaction, { self: true })}
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

/** Shift and E: E alone is the eraser. */
function useClickByKey(button: RefObject<HTMLButtonElement>): void {
  useEffect(() => {
    const onKeyDown = ({ key, shiftKey, ctrlKey, metaKey, altKey, target }: KeyboardEvent) => {
      if (!shiftKey || ctrlKey || metaKey || altKey || key.toLowerCase() !== 'e') return
      if (target instanceof Element && target.closest('input, textarea, dialog')) return
      button.current?.click()
    }
    addEventListener('keydown', onKeyDown)
    return () => removeEventListener('keydown', onKeyDown)
  }, [button])
}

interface Floating extends Pick<Broadcast, 'user'> {
  id: number
  emoji: string
  drift: number
  color: string | undefined
}

/** The layer in which everyone's reactions float up. */
export function ReactionsLayer({ board, user: own }: { board: Board; user: User }) {
  const [floating, setFloating] = useState<readonly Floating[]>([])
  const count = useRef(0)
  useBroadcast(board, 'reaction', ({ payload, user }) => {
    // Any client may broadcast here; ignore what is not one of our reactions.
    if (typeof payload !== 'string' || !REACTIONS.includes(payload)) return
    const id = count.current++
    const drift = Math.round((Math.random() - 0.5) * DRIFT_PX)
    const color = colorsOn(board, own).get(user.id)
    const added = { id, emoji: payload, user, drift, color }
    setFloating((before) => [...before, added].slice(-MAX_FLOATING))
  })
  const remove = (id: number) => setFloating((before) => before.filter((one) => one.id !== id))
  return (
    <div className="reactions-layer" aria-live="polite">
      {floating.map(({ id, emoji, user, drift, color }) => (
        <div
          key={id}
          className="reaction"
          style={{ '--drift': `${drift}px` } as CSSProperties}
          onAnimationEnd={() => remove(id)}
        >
          <span className="reaction-emoji">{emoji}</span>
          <span className="reaction-name of-person" style={{ '--person': color } as CSSProperties}>
            {user.name}
          </span>
        </div>
      ))}
    </div>
  )
}
