import type { Version } from '@mindfuse/client'
import { useCallback } from 'react'
import type { App } from '../app/app.ts'
import { messages } from '../language/language.ts'
import { isolate } from '../ui/isolate.ts'
import { attempt, toast } from '../ui/toast.ts'
import { versionText } from './version-text.ts'

/** Restores versions of a board, and offers to undo that: the API keeps what was there before. */
export function useRestore(
  { client }: App,
  boardId: string,
  reload: () => void,
): (version: Version) => Promise<void> {
  return useCallback(
    async (version) => {
      const restore = (id: string) => client.api.boards.restoreVersion(boardId, id).finally(reload)
      const { changed, before } = await restore(version.id)
      const { text } = messages()
      const name = isolate(versionText(version, messages()))
      if (!changed) return toast(text('versions.same', { name }))
      const undo = before && {
        label: text('action.undo'),
        onChoose: () => attempt(() => restore(before.id)),
      }
      toast(text('versions.restored', { name }), undo ?? undefined)
    },
    [client, boardId, reload],
  )
}
