import { useBoards } from '@mindfuse/react'
import { type ReactNode, Suspense, useState } from 'react'
import type { App } from './app.ts'
import { SignOutDialog } from './sign-out-dialog.tsx'

/**
 * Signs out, and asks before where changes wait on this device; with the dialog that asks.
 *
 * @param endOthers what is ended before, as soon as the user is sure
 */
export function useSignOut(
  app: App,
  endOthers?: () => Promise<void>,
): { signOut: () => Promise<void>; dialog: ReactNode } {
  const { boards = [] } = useBoards()
  const [unsent, setUnsent] = useState<readonly string[]>()
  const end = async () => {
    await endOthers?.()
    await app.signOut()
  }
  const signOut = async () => {
    const unsent = await app.client.unsentBoards()
    if (unsent.length === 0) await end()
    else setUnsent(unsent.map(({ boardId }) => boardId))
  }
  const dialog = (
    <Suspense fallback={null}>
      {unsent && (
        <SignOutDialog
          boards={unsent.map((id) => ({ id, name: boards.find((board) => board.id === id)?.name }))}
          onClose={() => setUnsent(undefined)}
          onConfirm={end}
        />
      )}
    </Suspense>
  )
  return { signOut, dialog }
}
