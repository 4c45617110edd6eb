import { useBoards } from '@mindfuse/react'
import { type ReactNode, Suspense, useState } from 'react'
import { attempt } from '../ui/toast.ts'
import type { App } from './app.ts'
import { SignOutDialog } from './sign-out-dialog.tsx'

/** Signs out, and asks before where changes wait on this device; with the dialog that asks. */
export function useSignOut(app: App): { signOut: () => void; dialog: ReactNode } {
  const { boards = [] } = useBoards()
  const [unsent, setUnsent] = useState<readonly string[]>()
  const signOut = () =>
    attempt(async () => {
      const unsent = await app.client.unsentBoards()
      if (unsent.length === 0) await app.signOut()
      else setUnsent(unsent.map(({ boardId }) => boardId))
    })
  const dialog = (
    <Suspense fallback={null}>
      {unsent && (
        <SignOutDialog
          boards={unsent.map((id) => ({ id, name: boards.find((board) => board.id === id)?.name }))}
          onClose={() => setUnsent(undefined)}
          onConfirm={app.signOut}
        />
      )}
    </Suspense>
  )
  return { signOut, dialog }
}
