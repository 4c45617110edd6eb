import { Field } from '@base-ui/react/field'
import { Form } from '@base-ui/react/form'
import { type FocusEvent, useRef, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { DialogFrame } from './dialog-frame.tsx'
import { type FieldProblems, problemsOf } from './field-problems.ts'

/** The most letters of a name. */
const MAX_NAME = 255

/** Asks for a name, and stays open with the reason where it is not taken. */
export default function NameDialog({
  title,
  action,
  name = '',
  onClose,
  onSubmit,
}: {
  title: string
  action: string
  /** What is there to begin with. */
  name?: string
  onClose: () => void
  onSubmit: (name: string) => Promise<void>
}) {
  const { text } = useMessages()
  const field = useRef<HTMLInputElement>(null)
  const [problems, setProblems] = useState<FieldProblems>({ fields: {} })
  const [isBusy, setBusy] = useState(false)
  const submit = async (values: { name: string }) => {
    setBusy(true)
    setProblems({ fields: {} })
    try {
      await onSubmit(values.name.trim())
      onClose()
    } catch (error) {
      setProblems(problemsOf(error, ['name']))
      setBusy(false)
    }
  }
  const selectAll = (event: FocusEvent<HTMLInputElement>) => event.target.select()
  return (
    <DialogFrame title={title} initialFocus={field} onClose={onClose}>
      <Form<{ name: string }> errors={problems.fields} onFormSubmit={submit}>
        <Field.Root name="name" className="field">
          <Field.Label>{text('field.name')}</Field.Label>
          <Field.Control
            ref={field}
            dir="auto"
            defaultValue={name}
            maxLength={MAX_NAME}
            required
            // Names of nothing but spaces are none.
            pattern=".*\S.*"
            autoComplete="off"
            onFocus={selectAll}
          />
          <Field.Error className="problem" />
        </Field.Root>
        {problems.form !== undefined && (
          <p className="problem" role="alert">
            {problems.form}
          </p>
        )}
        <footer>
          <button type="submit" className="primary" disabled={isBusy}>
            {action}
          </button>
        </footer>
      </Form>
    </DialogFrame>
  )
}
