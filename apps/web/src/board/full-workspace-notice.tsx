import type { Board } from '@mindfuse/client'
import { useEffect, useState } from 'react'
import { useMessages } from '../language/language.ts'

/** Why changes are not saved, where it takes people to change that; the editor takes back all others that are refused. */
export function FullWorkspaceNotice({ board }: { board: Board }) {
  const { text } = useMessages()
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
      {text('board.workspaceFull')}
      <button type="button" onClick={() => board.discard()}>
        {text('board.discard')}
      </button>
    </div>
  )
}
