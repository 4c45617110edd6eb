import { MindfuseError } from '../errors.ts'
import type { Board } from './board.ts'

/**
 * Resolves when something of a board is true.
 * @throws MindfuseError where the board is denied or closed first, or the reason of `signal`
 */
export function until(
  board: Board,
  isTrue: () => boolean,
  { signal }: { signal?: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = []
    const settle = (finish: () => void) => {
      for (const stop of stops) stop()
      finish()
    }
    const look = () => {
      const { status } = board
      if (isTrue()) settle(resolve)
      else if (status.kind === 'closed') {
        settle(() => reject(new MindfuseError('closed', 'the board was closed')))
      } else if (status.kind === 'denied') {
        settle(() => reject(new MindfuseError(status.code, `denied: ${status.reason}`)))
      }
    }
    const abort = () => settle(() => reject(signal?.reason))
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort)
    stops.push(
      () => signal?.removeEventListener('abort', abort),
      board.on('status', look),
      board.on('saved', look),
      board.on('synced', look),
    )
    look()
  })
}
