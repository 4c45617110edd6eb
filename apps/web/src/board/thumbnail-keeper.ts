import type { BoardDetails } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { drawThumbnail } from '../view/thumbnail.ts'
import type { Editor } from './editor.ts'

/**
 * Stores a new thumbnail when the user leaves or hides the board after editing it. Best effort: if
 * it fails, the next editor stores another.
 */
export function keepThumbnail(app: App, board: BoardDetails, editor: Editor): () => void {
  let isOld = false
  const mayStore = board.access.can.rename
  const { doc } = editor.board
  const onUpdate = (
    _update: unknown,
    _origin: unknown,
    _doc: unknown,
    edit: { local: boolean },
  ) => {
    if (edit.local) isOld = true
  }
  doc.on('update', onUpdate)
  const store = () => {
    if (!isOld || !mayStore || !editor.canEdit) return
    isOld = false
    const thumbnailUrl = drawThumbnail(editor.model.ordered, editor.pictures)
    app.thumbnails.set(board.id, thumbnailUrl)
    app.client.api.boards.update(board.id, { thumbnailUrl }).catch(() => {
      isOld = true
    })
  }
  const onHidden = () => {
    if (document.visibilityState === 'hidden') store()
  }
  document.addEventListener('visibilitychange', onHidden)
  return () => {
    store()
    doc.off('update', onUpdate)
    document.removeEventListener('visibilitychange', onHidden)
  }
}
