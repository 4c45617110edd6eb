import type { Board } from '@mindfuse/client'
import { useEffect, useState } from 'react'

/** Why changes are not saved, where it takes people to change that; the editor takes back all others that are refused. */
export function FullWorkspaceNotice({ board }: { board: Board }) {
  const [isFull, setFull] = useState(false)
  useEffect(() => {
    const stops = [
      board.on('rejected', (code) => {
        if (code === 'quota_exceeded') setFull(true)
      }),
      board.on('saved', (isSaved) => {
        if (isSaved) setFull(false)
      }),
      board.on('reset', () => setFull(false)),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [board])
  if (!isFull) return null
  return (
    <div className="board-notice" role="alert">
      This workspace has used all of its storage: delete boards permanently, or versions, to save
      changes again. Your latest changes are not saved.
      <button type="button" onClick={() => board.discard()}>
        Discard them
      </button>
    </div>
  )
}
