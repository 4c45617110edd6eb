import { Dialog } from '@base-ui/react/dialog'
import type { ReactNode, RefObject } from 'react'
import { useMessages } from '../language/language.ts'
import { Icon } from './icon.tsx'

/** A modal dialog; Escape, the close button and a press outside close it, and the focus returns to where it was. */
export function DialogFrame({
  title,
  initialFocus,
  onClose,
  children,
}: {
  title: string
  /** The first that can have it, without. */
  initialFocus?: RefObject<HTMLElement>
  onClose: () => void
  children: ReactNode
}) {
  const { text } = useMessages()
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className="dialog" {...(initialFocus && { initialFocus })}>
          <header>
            <Dialog.Title>{title}</Dialog.Title>
            <Dialog.Close className="icon-button" aria-label={text('action.close')}>
              <Icon name="close" />
            </Dialog.Close>
          </header>
          <div className="dialog-body">{children}</div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
