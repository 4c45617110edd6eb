import type { Board } from '@mindfuse/client'
import { type OutlineEntry, SceneView, sceneOutline } from '@mindfuse/scene'
import { useEffect, useState } from 'react'

/** How often the outline of a board that is drawn on is worked out, milliseconds. */
const UPDATE_EVERY_MS = 250

/** The elements of a board in the order in which they are read; follows the board. */
export function useOutline(board: Board): readonly OutlineEntry[] {
  const [entries, setEntries] = useState<readonly OutlineEntry[]>([])
  useEffect(() => {
    let view: SceneView | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const show = () => {
      timer = undefined
      setEntries(sceneOutline(view?.elements ?? []))
    }
    const follow = () => {
      view?.close()
      view = new SceneView(board.doc)
      view.observe(() => {
        timer ??= setTimeout(show, UPDATE_EVERY_MS)
      })
      show()
    }
    follow()
    const stop = board.on('reset', follow)
    return () => {
      stop()
      view?.close()
      clearTimeout(timer)
    }
  }, [board])
  return entries
}
