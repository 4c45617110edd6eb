import type { Board, User } from '@mindfuse/client'
import { useEffect } from 'react'
import { isolate } from '../ui/isolate.ts'
import { messageOf, toast } from '../ui/toast.ts'

/** Says what happens on a board that people would not notice otherwise. */
export function useBoardMessages(board: Board, user: User): void {
  useEffect(() => {
    const stops = [
      board.presence.on('join', ({ id, name }) => {
        if (id !== user.id && board.synced) toast(`${isolate(name)} joined`)
      }),
      board.on('role', (role) => {
        if (role === 'viewer' || role === 'commenter') toast('This board is read-only for you')
      }),
      board.on('reset', ({ reason }) => {
        if (reason !== 'client_id_taken') return
        toast('Another client used your identity on this board. Your changes are kept.')
      }),
      board.on('error', (error) => toast(messageOf(error))),
    ]
    return () => {
      for (const stop of stops) stop()
    }
  }, [board, user])
}
