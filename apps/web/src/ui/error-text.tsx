import { messageOf } from './toast.ts'

/** Why something failed, announced; nothing where there is no error. */
export function ErrorText({ error }: { error: unknown }) {
  if (error === undefined) return null
  return (
    <p className="problem" role="alert">
      {messageOf(error)}
    </p>
  )
}
