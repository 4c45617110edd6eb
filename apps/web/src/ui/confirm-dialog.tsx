import { AlertDialog } from '@base-ui/react/alert-dialog'
import { type FormEvent, type ReactNode, useRef, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { messageOf } from './toast.ts'

/** Asks to confirm what cannot be undone. It stays open with the reason where that fails. */
export default function ConfirmDialog({
  title,
  action,
  children,
  option,
  typed,
  problemOf = messageOf,
  onClose,
  onConfirm,
}: {
  title: string
  action: string
  /** What is lost. */
  children: ReactNode
  /** What can be done as well. */
  option?: string
  /** What has to be typed first, where much is lost. */
  typed?: { label: string; value: string }
  /** Says what failed. */
  problemOf?: (error: unknown) => ReactNode
  onClose: () => void
  onConfirm: (isOptionChecked: boolean) => Promise<unknown>
}) {
  const { text } = useMessages()
  const cancel = useRef<HTMLButtonElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const [entered, setEntered] = useState('')
  const [isOptionChecked, setOptionChecked] = useState(false)
  const [problem, setProblem] = useState<ReactNode>()
  const [isBusy, setBusy] = useState(false)
  const isTyped = typed === undefined || entered.trim() === typed.value.trim()
  const confirm = async (event: FormEvent) => {
    event.preventDefault()
    if (!isTyped || isBusy) return
    setBusy(true)
    try {
      await onConfirm(isOptionChecked)
      onClose()
    } catch (error) {
      setProblem(problemOf(error))
      setBusy(false)
    }
  }
  return (
    <AlertDialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog" initialFocus={typed ? field : cancel}>
          <header>
            <AlertDialog.Title>{title}</AlertDialog.Title>
          </header>
          <form className="dialog-body" onSubmit={(event) => void confirm(event)}>
            <AlertDialog.Description render={<div />}>{children}</AlertDialog.Description>
            {option !== undefined && (
              <label className="setting">
                <input
                  type="checkbox"
                  checked={isOptionChecked}
                  onChange={(event) => setOptionChecked(event.target.checked)}
                />
                {option}
              </label>
            )}
            {typed && (
              <label className="field">
                {typed.label}
                <input
                  ref={field}
                  value={entered}
                  autoComplete="off"
                  onChange={(event) => setEntered(event.target.value)}
                />
              </label>
            )}
            {problem !== undefined && (
              <div className="problem" role="alert">
                {problem}
              </div>
            )}
            <footer>
              <AlertDialog.Close ref={cancel}>{text('action.cancel')}</AlertDialog.Close>
              <button type="submit" className="danger" disabled={isBusy || !isTyped}>
                {action}
              </button>
            </footer>
          </form>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
