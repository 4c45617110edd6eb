import { type FormEvent, useState } from 'react'
import { useMessages } from '../language/language.ts'
import { problemsOf } from '../ui/field-problems.ts'
import { Select } from '../ui/select.tsx'
import { toast } from '../ui/toast.ts'
import { rolesFor } from './roles.ts'
import type { Role, SectionProps } from './section-props.ts'

/** Invites a person by email; they become a member when they accept. */
export function InviteForm({ app, workspace }: SectionProps) {
  const { text } = useMessages()
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('member')
  const [problem, setProblem] = useState<string>()
  const invite = async (event: FormEvent) => {
    event.preventDefault()
    setProblem(undefined)
    try {
      await app.client.api.workspaces.addMember(workspace.id, { email, role })
      toast(text('members.invited'))
      setEmail('')
    } catch (error) {
      const { fields, form } = problemsOf(error, ['email'])
      setProblem(fields.email ?? form)
    }
  }
  return (
    <section className="settings">
      <h2>{text('members.invite')}</h2>
      <form className="fields wrapping-form" onSubmit={(event) => void invite(event)}>
        <input
          type="email"
          required
          maxLength={255}
          placeholder={text('field.email')}
          aria-label={text('field.email')}
          aria-invalid={problem !== undefined}
          aria-describedby="invite-problem"
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <Select
          label={text('field.role')}
          value={role}
          options={rolesFor(workspace.access.role).map((value) => ({
            value,
            label: text(`role.${value}`),
          }))}
          onChange={setRole}
        />
        <button type="submit" className="primary">
          {text('members.invite.action')}
        </button>
      </form>
      <p id="invite-problem" className="problem" role="alert" hidden={problem === undefined}>
        {problem}
      </p>
    </section>
  )
}
