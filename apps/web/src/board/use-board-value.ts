import type { Board } from '@mindfuse/client'
import { useCallback, useSyncExternalStore } from 'react'

const EVENTS = ['paused', 'reset', 'role', 'saved', 'size', 'status', 'storage', 'synced'] as const

/**
 * What is read of a board, at each change of its connection, role, size and saving, and of the machine's network.
 *
 * @param read has to return the same object as long as nothing has changed
 */
export function useBoardValue<Value>(board: Board, read: (board: Board) => Value): Value {
  const subscribe = useCallback(
    (onChange: () => void) => {
      const stops = EVENTS.map((event) => board.on(event, onChange))
      addEventListener('online', onChange)
      addEventListener('offline', onChange)
      return () => {
        for (const stop of stops) stop()
        removeEventListener('online', onChange)
        removeEventListener('offline', onChange)
      }
    },
    [board],
  )
  return useSyncExternalStore(subscribe, () => read(board))
}
