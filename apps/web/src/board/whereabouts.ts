import type { BoardDetails, Client } from '@mindfuse/client'

/** What a board page is present with in the channel of the board's workspace. */
export interface Whereabouts {
  board: string
}

/** Makes known in the workspace that the board is open here. @returns a function that ends it */
export function shareWhereabouts(
  client: Client,
  { id, workspaceId }: Pick<BoardDetails, 'id' | 'workspaceId'>,
): () => void {
  const channel = client.channel(`workspace:${workspaceId}`)
  // Who is not in the workspace is refused, and not listed.
  channel.subscribe()
  void channel.track({ board: id } satisfies Whereabouts)
  return () => void channel.unsubscribe()
}
