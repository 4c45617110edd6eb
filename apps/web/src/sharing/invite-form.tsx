import { type FormEvent, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { SecretField } from '../ui/copy-field.tsx'
import { Select } from '../ui/select.tsx'
import { attempt } from '../ui/toast.ts'
import { roleOptions, SHARED_ROLES, type SharedRole } from './roles.ts'
import type { Sharing } from './sharing.ts'

/** Most uses of an invite that counts them, as the API has it. */
const MAX_USES = 1_000

/** Creates invites to a board, each of which is shown once. */
export function InviteForm({ app, board, reload }: Sharing) {
  const messages = useMessages()
  const { text } = messages
  const [role, setRole] = useState<SharedRole>('editor')
  const [email, setEmail] = useState('')
  const [uses, setUses] = useState('')
  const [created, setCreated] = useState<string>()

  const create = async () => {
    const { url } = await app.client.api.invites.create(board.id, {
      role,
      ...(email !== '' && { email }),
      ...(email === '' && uses !== '' && { maxUses: Number(uses) }),
    })
    setCreated(url ?? undefined)
    setEmail('')
    setUses('')
    reload()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    attempt(create)
  }
  return (
    <section>
      <h3>{text('share.invite')}</h3>
      <p className="hint">{text('share.invite.hint')}</p>
      <form className="wrapping fields" onSubmit={submit}>
        <Select
          label={text('share.invite.role')}
          value={role}
          options={roleOptions(SHARED_ROLES, messages)}
          onChange={setRole}
        />
        <input
          type="number"
          aria-label={text('share.invite.uses')}
          placeholder={text('share.invite.uses')}
          min={1}
          max={MAX_USES}
          // Who is invited by their address accepts once.
          disabled={email !== ''}
          value={email === '' ? uses : ''}
          onChange={(event) => setUses(event.target.value)}
        />
        <input
          type="email"
          aria-label={text('share.invite.email')}
          placeholder={text('share.invite.email')}
          maxLength={255}
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <button type="submit">{text('share.invite.create')}</button>
      </form>
      {created !== undefined && (
        <SecretField key={created} label={text('share.invite.link')} value={created} />
      )}
    </section>
  )
}
