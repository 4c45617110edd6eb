import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import type { Board, BoardDetails } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { drawThumbnail } from './draw-thumbnail.ts'

/**
 * Stores a new thumbnail when the user leaves or hides the board after editing it. Best effort: if it fails, the next
 * editor stores another.
 */
export function keepThumbnail(
  app: App,
  details: BoardDetails,
  { board, api }: { board: Board; api: ExcalidrawImperativeAPI },
): () => void {
  let isOld = false
  const stopSaved = board.on('saved', (isSaved) => {
    if (!isSaved) isOld = true
  })
  const store = async () => {
    if (!isOld || !details.access.can.rename || !board.canEdit) return
    isOld = false
    try {
      const thumbnailUrl = await drawThumbnail(api)
      app.thumbnails.set(details.id, thumbnailUrl)
      await app.client.api.boards.update(details.id, { thumbnailUrl })
    } catch {
      isOld = true
    }
  }
  const onHidden = () => {
    if (document.visibilityState === 'hidden') void store()
  }
  document.addEventListener('visibilitychange', onHidden)
  return () => {
    void store()
    stopSaved()
    document.removeEventListener('visibilitychange', onHidden)
  }
}
