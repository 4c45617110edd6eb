import { type ClipboardEvent, type FormEvent, type RefObject, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { CopyField, SecretField } from '../ui/copy-field.tsx'
import { isolate } from '../ui/isolate.ts'
import { Select } from '../ui/select.tsx'
import { messageOf } from '../ui/toast.ts'
import { MAX_EMAILS, readEmails } from './emails.ts'
import { roleOptions, SHARED_ROLES, type SharedRole } from './roles.ts'
import type { Sharing } from './sharing.ts'

/** Most uses of an invite that counts them, as the API has it. */
const MAX_USES = 1_000

/** Most characters of all addresses together. */
const MAX_EMAILS_LENGTH = 255 * MAX_EMAILS

/** An invite that was created, or why it was not. Without an email, anyone who has it may use it. */
type Outcome = { email: string | undefined } & ({ url: string } | { problem: string })

/** Creates invites to a board, each of which is shown once: one, or one for each email. */
export function InviteForm({
  app,
  board,
  reload,
  field,
}: Sharing & { field: RefObject<HTMLInputElement> }) {
  const messages = useMessages()
  const { text } = messages
  const [role, setRole] = useState<SharedRole>('editor')
  const [emails, setEmails] = useState('')
  const [uses, setUses] = useState('')
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>([])
  const [isCreating, setCreating] = useState(false)

  const create = async (email: string | undefined): Promise<Outcome> => {
    try {
      const { url } = await app.client.api.invites.create(board.id, {
        role,
        ...(email !== undefined && { email }),
        ...(email === undefined && uses !== '' && { maxUses: Number(uses) }),
      })
      return { email, url: url ?? '' }
    } catch (error) {
      return { email, problem: messageOf(error) }
    }
  }
  const createAll = async () => {
    const found = readEmails(emails)
    const invited = found.slice(0, MAX_EMAILS)
    const done: Outcome[] = []
    setCreating(true)
    // One after the other: each counts for what a person may ask for at a time.
    for (const email of invited.length > 0 ? invited : [undefined]) {
      done.push(await create(email))
      setOutcomes([...done])
    }
    setCreating(false)
    const left = done.flatMap((outcome) => ('problem' in outcome ? (outcome.email ?? []) : []))
    setEmails([...left, ...found.slice(MAX_EMAILS)].join(', '))
    setUses('')
    reload()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (!isCreating) void createAll()
  }
  // A field of one line would drop the ends of lines, and with them what is between addresses.
  const paste = (event: ClipboardEvent<HTMLInputElement>) => {
    const pasted = event.clipboardData.getData('text')
    if (!/[\r\n]/.test(pasted.trim())) return
    event.preventDefault()
    setEmails(readEmails(`${emails} ${pasted}`).join(', '))
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
          disabled={emails !== ''}
          value={emails === '' ? uses : ''}
          onChange={(event) => setUses(event.target.value)}
        />
        <input
          ref={field}
          inputMode="email"
          aria-label={text('share.invite.emails')}
          placeholder={text('share.invite.emails')}
          maxLength={MAX_EMAILS_LENGTH}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
          value={emails}
          onChange={(event) => setEmails(event.target.value)}
          onPaste={paste}
        />
        <button type="submit" disabled={isCreating}>
          {text('share.invite.create')}
        </button>
      </form>
      <Outcomes outcomes={outcomes} />
    </section>
  )
}

function Outcomes({ outcomes }: { outcomes: readonly Outcome[] }) {
  const { text } = useMessages()
  const [only] = outcomes
  const problems = outcomes.flatMap((outcome) => ('problem' in outcome ? outcome : []))
  const created = outcomes.flatMap((outcome) => ('url' in outcome ? outcome : []))
  return (
    <>
      <div role="alert">
        {problems.map(({ email, problem }) => (
          <p key={email} className="problem">
            {email === undefined
              ? problem
              : text('share.invite.refused', { email: isolate(email), problem })}
          </p>
        ))}
      </div>
      {outcomes.length === 1 && only && 'url' in only ? (
        <SecretField key={only.url} label={text('share.invite.link')} value={only.url} />
      ) : (
        created.length > 0 && (
          <div className="secret">
            {created.map(({ email = '', url }) => (
              <div key={url}>
                <bdi>{email}</bdi>
                <CopyField label={text('share.invite.linkFor', { email })} value={url} />
              </div>
            ))}
            <p className="hint">{text('copy.once')}</p>
          </div>
        )
      )}
    </>
  )
}
