import type { Board, Client } from '@mindfuse/client'
import { readScene, type Scene } from '@mindfuse/scene'
import { useEffect, useState } from 'react'
import * as Y from 'yjs'
import { NOW } from './versions-query.ts'

/** A scene that is read, or why it could not be. */
export interface ReadScene {
  scene?: Scene
  error?: unknown
}

/**
 * The scene of a version, or of the present board, which is read again as it changes.
 *
 * @param id of a version, or {@link NOW}; undefined for none
 */
export function useScene(client: Client, board: Board, id: string | undefined): ReadScene {
  const [read, setRead] = useState<ReadScene & { id?: string }>({})
  useEffect(() => {
    if (id === undefined) return
    if (id === NOW) return followPresent(board, (scene) => setRead({ id, scene }))
    let isCurrent = true
    client.api.boards.version(board.id, id).then(
      (update) => isCurrent && setRead({ id, scene: sceneOf(update as Uint8Array) }),
      (error) => isCurrent && setRead({ id, error }),
    )
    return () => {
      isCurrent = false
    }
  }, [client, board, id])
  return read.id === id ? read : {}
}

function sceneOf(update: Uint8Array): Scene {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  const scene = readScene(doc)
  doc.destroy()
  return scene
}

function followPresent(board: Board, show: (scene: Scene) => void): () => void {
  let doc = board.doc
  const read = () => {
    if (board.synced || board.status.kind === 'offline') show(readScene(doc))
  }
  const stops = [
    board.on('synced', read),
    board.on('status', read),
    board.on('reset', (event) => {
      doc.off('update', read)
      doc = event.doc
      doc.on('update', read)
      read()
    }),
  ]
  doc.on('update', read)
  read()
  return () => {
    doc.off('update', read)
    for (const stop of stops) stop()
  }
}
