import type { Board, Channel, Client } from '@mindfuse/client'

/** What a board page is present with in the channel of the board's workspace. */
export interface Whereabouts {
  board: string
}

/**
 * Makes known in the workspace that the board is open here, once all of it is here: that comes first.
 *
 * @returns a function that ends it
 */
export function shareWhereabouts(client: Client, board: Board, workspaceId: string): () => void {
  let channel: Channel | undefined
  const share = () => {
    if (channel) return
    channel = client.channel(`workspace:${workspaceId}`)
    // Who is not in the workspace is refused, and not listed.
    channel.subscribe()
    void channel.track({ board: board.id } satisfies Whereabouts)
  }
  const stop = board.on('synced', share)
  if (board.synced) share()
  return () => {
    stop()
    void channel?.unsubscribe()
  }
}
