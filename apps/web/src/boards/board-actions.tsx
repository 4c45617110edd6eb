import type { BoardDetails } from '@mindfuse/client'
import { type ReactNode, Suspense, useState } from 'react'
import type { App } from '../app/app.ts'
import { messages, useMessages } from '../language/language.ts'
import { ConfirmDialog, NameDialog } from '../ui/dialogs.tsx'
import { isolate } from '../ui/isolate.ts'
import type { MenuEntry } from '../ui/menu-entry.ts'
import { attempt, toast } from '../ui/toast.ts'
import type { Unsent, UnsentBoards } from './use-unsent.ts'

/** What is asked before an action. */
type Asked = { kind: 'rename' | 'leave' | 'discard'; board: BoardDetails }

/**
 * What can be done with a board of a list, as entries of its menu, and the dialog that one of them opened.
 *
 * @param workspaceId the workspace whose list it is, where copies go
 */
export function useBoardActions(
  app: App,
  unsent: UnsentBoards,
): {
  entriesOf: (board: BoardDetails, workspaceId: string, isShared: boolean) => MenuEntry[]
  dialog: ReactNode
} {
  const { text } = useMessages()
  const [asked, setAsked] = useState<Asked>()

  const entriesOf = (board: BoardDetails, workspaceId: string, isShared: boolean) => {
    const { can } = board.access
    const entries: (MenuEntry | false)[] = [
      can.rename && {
        label: text('action.rename'),
        onChoose: () => setAsked({ kind: 'rename', board }),
      },
      can.duplicate && {
        label: text('board.duplicate'),
        onChoose: () => attempt(() => app.client.api.boards.duplicate(board.id, { workspaceId })),
      },
      ...unsentEntries(unsent.all.get(board.id), {
        send: () => unsent.send(board.id),
        discard: () => setAsked({ kind: 'discard', board }),
      }),
      can.trash && {
        label: text('board.trash'),
        isDangerous: true,
        onChoose: () => attempt(() => moveToTrash(app, board)),
      },
      isShared && {
        label: text('action.leave'),
        onChoose: () => setAsked({ kind: 'leave', board }),
      },
    ]
    return entries.filter((entry) => entry !== false)
  }
  const close = () => setAsked(undefined)
  return {
    entriesOf,
    dialog: (
      <Suspense fallback={null}>
        {asked && <AskedDialog app={app} asked={asked} unsent={unsent} onClose={close} />}
      </Suspense>
    ),
  }
}

/** Changes that cannot be sent are for the user to decide about. */
function unsentEntries(
  unsent: Unsent | undefined,
  { send, discard }: { send: () => void; discard: () => void },
): MenuEntry[] {
  if (unsent?.kind !== 'failed') return []
  const { text } = messages()
  return [
    { label: text('unsent.send'), onChoose: send },
    { label: text('unsent.discard'), isDangerous: true, onChoose: discard },
  ]
}

async function moveToTrash({ client: { api } }: App, { id, name }: BoardDetails): Promise<void> {
  await api.boards.delete(id)
  const { text } = messages()
  toast(text('board.trashed', { name: isolate(name) }), {
    label: text('action.undo'),
    onChoose: () => attempt(() => api.boards.restore(id)),
  })
}

function AskedDialog({
  app: { client, user },
  asked: { kind, board },
  unsent,
  onClose,
}: {
  app: App
  asked: Asked
  unsent: UnsentBoards
  onClose: () => void
}) {
  const { text } = useMessages()
  const name = isolate(board.name)
  switch (kind) {
    case 'rename':
      return (
        <NameDialog
          title={text('board.rename')}
          action={text('action.rename')}
          name={board.name}
          onClose={onClose}
          onSubmit={async (name) => void (await client.api.boards.update(board.id, { name }))}
        />
      )
    case 'leave':
      return (
        <ConfirmDialog
          title={text('board.leave')}
          action={text('action.leave')}
          onClose={onClose}
          onConfirm={() => client.api.boards.removeMember(board.id, user.id)}
        >
          <p>{text('board.leave.text', { name })}</p>
        </ConfirmDialog>
      )
    case 'discard':
      return (
        <ConfirmDialog
          title={text('unsent.discard')}
          action={text('action.discard')}
          onClose={onClose}
          onConfirm={() => unsent.discard(board.id)}
        >
          <p>{text('unsent.discard.text', { name })}</p>
        </ConfirmDialog>
      )
  }
}
