import type { Connection } from '../connection/connection.ts'
import type { BroadcastAnswer } from './board-broadcast.ts'

/** Counts a broadcast of a client on a board, and answers with its number. */
export function numberedAnswer(from: Connection): BroadcastAnswer {
  const seq = from.broadcasts.count()
  return (code) =>
    from.sendMessage(
      code ? { type: 'broadcast:rejected', seq, code } : { type: 'broadcast:ack', seq },
    )
}
