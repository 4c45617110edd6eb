import { type LinkInput, type LinkPreview, MindfuseError } from '@mindfuse/client'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import { messages, useMessages } from '../language/language.ts'
import { messageOf } from '../ui/toast.ts'
import { waitText } from '../ui/wait-text.ts'

/** Asks for what the link needs. Who gives no name only looks. */
export function LinkForm({
  preview: { needsName, needsPassword },
  isPerson,
  name,
  isForPage,
  onOpen,
  onFail,
}: {
  preview: LinkPreview
  isPerson: boolean
  /** A guest's name to begin with. */
  name: string
  /** Whether an error is shown in place of the form. */
  isForPage: (error: unknown) => boolean
  onOpen: (input: LinkInput) => Promise<void>
  onFail: (error: unknown) => void
}) {
  const { text } = useMessages()
  const form = useRef<HTMLFormElement>(null)
  const password = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState('')
  const asksName = needsName && !isPerson
  useEffect(() => form.current?.querySelector('input')?.focus(), [])

  const open = (input: LinkInput) => {
    setProblem('')
    // A second click would make a second guest.
    setInert(form.current, true)
    const secret = password.current?.value
    onOpen({ ...input, ...(secret && { password: secret }) }).catch((error) => {
      setInert(form.current, false)
      if (!(error instanceof MindfuseError) || isForPage(error)) return onFail(error)
      setProblem(problemText(error))
      password.current?.select()
    })
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const given = new FormData(event.currentTarget).get('name')
    open(typeof given === 'string' ? { name: given } : {})
  }
  return (
    <form ref={form} className="link-form" onSubmit={submit}>
      {asksName && (
        <label>
          <span>{text('link.yourName')}</span>
          <input name="name" defaultValue={name} required maxLength={255} autoComplete="nickname" />
        </label>
      )}
      {needsPassword && (
        <label>
          <span>{text('link.password')}</span>
          <input ref={password} type="password" maxLength={256} autoComplete="off" />
        </label>
      )}
      <p className="problem" role="alert">
        {problem}
      </p>
      <button type="submit" className="primary large">
        {text('link.open')}
      </button>
      {asksName && (
        <button type="button" className="quiet" onClick={() => open({})}>
          {text('link.justLook')}
        </button>
      )}
    </form>
  )
}

/** React 18 knows no such attribute. */
function setInert(form: HTMLFormElement | null, isInert: boolean): void {
  if (form) form.inert = isInert
}

export function asksForPassword(error: unknown): boolean {
  return error instanceof MindfuseError && error.code === 'password_required'
}

/** What the form says about an error that trying again with something else may help against. */
function problemText(error: MindfuseError): string {
  const { text, locale } = messages()
  if (asksForPassword(error)) return text('link.asksForPassword')
  if (error.code === 'password_wrong') return text('link.wrongPassword')
  if (error.status !== 429) return messageOf(error)
  const time = waitText(error.retryAfterMs, locale)
  return text(error.code === 'too_many_passwords' ? 'link.tooManyPasswords' : 'link.tooManyTries', {
    time,
  })
}
