import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import type { Board } from '@mindfuse/client'
import { useLayoutEffect } from 'react'
import type { Doc, Transaction } from 'yjs'
import type { App } from '../app/app.ts'
import { drawThumbnail } from './draw-thumbnail.ts'
import { ThumbnailKeeper } from './thumbnail-keeper.ts'

/** Keeps the thumbnail of a board that is drawn on here. */
export function useThumbnail(
  { client, thumbnails }: App,
  board: Board,
  api: ExcalidrawImperativeAPI | null,
): void {
  // A layout effect ends while Excalidraw still has what is to be drawn.
  useLayoutEffect(() => {
    if (!api) return
    const { boards } = client.api
    const options = { keepalive: true }
    const keeper = new ThumbnailKeeper({
      onChange: (listener) => onOwnEdit(board.doc, listener),
      draw: () => drawThumbnail(api),
      send: (thumbnail) =>
        thumbnail
          ? boards.setThumbnail(board.id, thumbnail, options)
          : boards.deleteThumbnail(board.id, options),
    })
    return () => void thumbnails.set(board.id, keeper.close())
  }, [client, thumbnails, board, api])
}

function onOwnEdit(doc: Doc, listener: () => void): () => void {
  const onUpdate = (_update: Uint8Array, _origin: unknown, _doc: Doc, { local }: Transaction) => {
    if (local) listener()
  }
  doc.on('update', onUpdate)
  return () => doc.off('update', onUpdate)
}
