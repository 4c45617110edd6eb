import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import type { Board } from '@mindfuse/client'
import { useLayoutEffect } from 'react'
import type { Doc, Transaction } from 'yjs'
import type { App } from '../app/app.ts'
import { drawThumbnail } from './draw-thumbnail.ts'
import { ThumbnailKeeper } from './thumbnail-keeper.ts'

/** Keeps the thumbnail of a board that is drawn on here, or that has none yet. */
export function useThumbnail(
  { client, thumbnails }: App,
  board: Board,
  { api, isMissing }: { api: ExcalidrawImperativeAPI | null; isMissing: boolean },
): void {
  // A layout effect ends while Excalidraw still has what is to be drawn.
  useLayoutEffect(() => {
    if (!api) return
    const { boards } = client.api
    const options = { keepalive: true }
    const keeper = new ThumbnailKeeper({
      onChange: (listener) => onNews(board.doc, { isMissing, listener }),
      draw: () => drawThumbnail(api),
      send: (thumbnail) =>
        thumbnail
          ? boards.setThumbnail(board.id, thumbnail, options)
          : boards.deleteThumbnail(board.id, options),
    })
    return () => void thumbnails.set(board.id, keeper.close())
  }, [client, thumbnails, board, api, isMissing])
}

/** Calls the listener after each edit of one's own, and while there is no thumbnail once for what there is. */
function onNews(
  doc: Doc,
  { isMissing, listener }: { isMissing: boolean; listener: () => void },
): () => void {
  let isWanted = isMissing
  const onChange = (isOwn: boolean) => {
    if (!isOwn && !isWanted) return
    isWanted = false
    listener()
  }
  const onUpdate = (_update: Uint8Array, _origin: unknown, _doc: Doc, { local }: Transaction) =>
    onChange(local)
  doc.on('update', onUpdate)
  if (doc.store.clients.size > 0) onChange(false)
  return () => doc.off('update', onUpdate)
}
