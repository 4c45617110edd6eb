import { type ConnectionState, deniedError } from '../connection/state.ts'
import { MindfuseError } from '../errors.ts'

/** As much of a board as waiting takes. */
export interface Waitable {
  readonly status: ConnectionState
  on(event: 'status' | 'saved' | 'synced', listener: () => void): () => void
}

/**
 * Resolves when something about a board is true.
 * @throws MindfuseError if the board is denied or closed first, or the reason of `signal`
 */
export function waitUntil(
  board: Waitable,
  isTrue: () => boolean,
  { signal }: { signal?: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stops: (() => void)[] = []
    const settle = (finish: () => void) => {
      for (const stop of stops) stop()
      finish()
    }
    const check = () => {
      const { status } = board
      if (isTrue()) settle(resolve)
      else if (status.kind === 'closed') {
        settle(() => reject(new MindfuseError('closed', 'This board is closed')))
      } else if (status.kind === 'denied') settle(() => reject(deniedError(status)))
    }
    const abort = () => settle(() => reject(signal?.reason))
    if (signal?.aborted) return abort()
    signal?.addEventListener('abort', abort)
    stops.push(
      () => signal?.removeEventListener('abort', abort),
      board.on('status', check),
      board.on('saved', check),
      board.on('synced', check),
    )
    check()
  })
}
