import { AlertDialog } from '@base-ui/react/alert-dialog'
import { type ReactNode, useRef, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { messageOf } from './toast.ts'

/** Asks to confirm what cannot be undone. It stays open with the reason where that fails. */
export default function ConfirmDialog({
  title,
  action,
  children,
  onClose,
  onConfirm,
}: {
  title: string
  action: string
  /** What is lost. */
  children: ReactNode
  onClose: () => void
  onConfirm: () => Promise<unknown>
}) {
  const { text } = useMessages()
  const cancel = useRef<HTMLButtonElement>(null)
  const [problem, setProblem] = useState<string>()
  const [isBusy, setBusy] = useState(false)
  const confirm = async () => {
    setBusy(true)
    try {
      await onConfirm()
      onClose()
    } catch (error) {
      setProblem(messageOf(error))
      setBusy(false)
    }
  }
  return (
    <AlertDialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog" initialFocus={cancel}>
          <header>
            <AlertDialog.Title>{title}</AlertDialog.Title>
          </header>
          <div className="dialog-body">
            <AlertDialog.Description render={<div />}>{children}</AlertDialog.Description>
            {problem !== undefined && (
              <p className="problem" role="alert">
                {problem}
              </p>
            )}
            <footer>
              <AlertDialog.Close ref={cancel}>{text('action.cancel')}</AlertDialog.Close>
              <button
                type="button"
                className="danger"
                disabled={isBusy}
                onClick={() => void confirm()}
              >
                {action}
              </button>
            </footer>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
