import { useMessages } from '../language/language.ts'
import { ConfirmDialog } from '../ui/dialogs.tsx'

/** Asks before changes that wait on this device are deleted with the session. */
export function SignOutDialog({
  boards,
  onClose,
  onConfirm,
}: {
  /** The names of boards that have some; undefined where a board cannot be opened any longer. */
  boards: readonly { id: string; name: string | undefined }[]
  onClose: () => void
  onConfirm: () => Promise<void>
}) {
  const { text } = useMessages()
  return (
    <ConfirmDialog
      title={text('signOut.title')}
      action={text('signOut.anyway')}
      onClose={onClose}
      onConfirm={onConfirm}
    >
      <p>{text('signOut.text', { count: boards.length })}</p>
      <ul>
        {boards.map(({ id, name }) => (
          <li key={id}>{name === undefined ? text('signOut.unknownBoard') : <bdi>{name}</bdi>}</li>
        ))}
      </ul>
    </ConfirmDialog>
  )
}
