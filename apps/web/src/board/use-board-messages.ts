import type { Board, User } from '@mindfuse/client'
import { useEffect } from 'react'
import { messages } from '../language/language.ts'
import { isolate } from '../ui/isolate.ts'
import { messageOf, toast } from '../ui/toast.ts'

/** Says what happens on a board that people would not notice otherwise. */
export function useBoardMessages(board: Board, user: User): void {
  useEffect(() => {
    const stops = [
      board.presence.on('join', ({ id, name }) => {
        if (id !== user.id && board.synced)
          toast(messages().text('board.joined', { name: isolate(name) }))
      }),
      board.on('role', (role) => {
        if (role === 'viewer' || role === 'commenter') toast(messages().text('board.readOnly'))
      }),
      board.on('reset', ({ reason }) => {
        if (reason === 'client_id_taken') toast(messages().text('board.clientIdTaken'))
      }),
      board.on('error', (error) => toast(messageOf(error))),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [board, user])
}
