import type { Board, Broadcast, BroadcastOptions } from '@mindfuse/client'
import { useCallback, useEffect, useRef } from 'react'

/**
 * Sends and receives the broadcasts of one name: messages to everybody on the board now, which are not stored.
 *
 * @param listener receives those of others; it may be another function at each render
 * @returns a function that sends one, and returns whether it was sent; it is the same at each render
 *
 * @example
 * ```tsx
 * function Reactions({ board }: { board: Board | undefined }) {
 *   const [last, setLast] = useState('')
 *   const react = useBroadcast(board, 'reaction', ({ payload }) => setLast(String(payload)))
 *   return <button onClick={() => react('🎉')}>{last || '🎉'}</button>
 * }
 * ```
 */
export function useBroadcast(
  board: Board | undefined,
  event: string,
  listener?: (broadcast: Broadcast) => void,
): (payload?: unknown, options?: BroadcastOptions) => boolean {
  const latest = useRef(listener)
  useEffect(() => {
    latest.current = listener
  })
  useEffect(
    () => board?.on(`broadcast:${event}`, (broadcast) => latest.current?.(broadcast)),
    [board, event],
  )
  return useCallback(
    (payload, options) => board?.broadcast(event, payload, options) ?? false,
    [board, event],
  )
}
