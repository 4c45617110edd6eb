import { useEffect, useRef } from 'react'
import { useMessages } from '../language/language.ts'
import { attempt, toast } from './toast.ts'

/** Text to take elsewhere, such as an address, with a button that copies it. */
export function CopyField({
  label,
  value,
  isSelected = false,
}: {
  label: string
  value: string
  /** Whether it has the focus once it is there. */
  isSelected?: boolean
}) {
  const { text } = useMessages()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (!isSelected) return
    field.current?.focus()
    selectAll(field.current)
  }, [isSelected])
  const copy = async () => {
    selectAll(field.current)
    await navigator.clipboard.writeText(value)
    toast(text('copy.done', { label }))
  }
  return (
    <div className="fields">
      <input ref={field} dir="ltr" readOnly value={value} aria-label={label} />
      <button type="button" onClick={() => attempt(copy)}>
        {text('action.copy')}
      </button>
    </div>
  )
}

/** From the end, so that the beginning stays in view. */
function selectAll(field: HTMLInputElement | null): void {
  field?.setSelectionRange(0, field.value.length, 'backward')
}

/** The same for what is shown once. */
export function SecretField({ label, value }: { label: string; value: string }) {
  const { text } = useMessages()
  return (
    <div className="secret">
      <CopyField label={label} value={value} isSelected />
      <p className="hint">{text('copy.once')}</p>
    </div>
  )
}
