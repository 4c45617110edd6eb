import { type FormEvent, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { SecretField } from '../ui/copy-field.tsx'
import { endOf } from '../ui/end-field.ts'
import { EndField, NEVER } from '../ui/end-field.tsx'
import { Select } from '../ui/select.tsx'
import { attempt } from '../ui/toast.ts'
import { roleOptions, SHARED_ROLES, type SharedRole } from './roles.ts'
import type { Sharing } from './sharing.ts'

/** Creates links to a board, each of which is shown once. */
export function LinkForm({ app, board, reload }: Sharing) {
  const messages = useMessages()
  const { text } = messages
  const [role, setRole] = useState<SharedRole>('editor')
  const [end, setEnd] = useState(NEVER)
  const [label, setLabel] = useState('')
  const [password, setPassword] = useState('')
  const [created, setCreated] = useState<string>()

  const create = async () => {
    const expiresAt = endOf(end.end, end.date, new Date())
    const { url } = await app.client.api.links.create(board.id, {
      role,
      ...(expiresAt && { expiresAt: expiresAt.toISOString() }),
      ...(label.trim() !== '' && { label }),
      ...(password !== '' && { password }),
    })
    setCreated(url ?? undefined)
    setLabel('')
    setPassword('')
    reload()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    attempt(create)
  }
  return (
    <section>
      <h3>{text('share.link')}</h3>
      <p className="hint">{text('share.link.hint')}</p>
      <form className="wrapping fields" onSubmit={submit}>
        <Select
          label={text('share.link.role')}
          value={role}
          options={roleOptions(SHARED_ROLES, messages)}
          onChange={setRole}
        />
        <EndField label={text('share.link.end')} value={end} onChange={setEnd} />
        <TextField
          label={text('share.link.label')}
          maxLength={100}
          value={label}
          onChange={setLabel}
        />
        <TextField
          label={text('share.link.password')}
          maxLength={256}
          value={password}
          onChange={setPassword}
        />
        <button type="submit" className="primary">
          {text('share.link.create')}
        </button>
      </form>
      {created !== undefined && (
        <SecretField key={created} label={text('share.link')} value={created} />
      )}
    </section>
  )
}

function TextField({
  label,
  maxLength,
  value,
  onChange,
}: {
  label: string
  maxLength: number
  value: string
  onChange: (value: string) => void
}) {
  return (
    <input
      aria-label={label}
      placeholder={label}
      maxLength={maxLength}
      autoComplete="off"
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
