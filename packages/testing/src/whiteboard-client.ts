import type { ClientMessage, ServerMessage } from '@mindfuse/protocol'
import { connectText, type TextClient } from './text-client.ts'

/** A bare connection to a board with text frames. */
export type WhiteboardClient = TextClient<ClientMessage, ServerMessage>

/** Connects as the SDK does. @throws {@link Refused} */
export function connectWhiteboard(options: {
  realtimeUrl: string
  boardId: string
  token: string
}): Promise<WhiteboardClient> {
  return connectText(`${options.realtimeUrl}/${options.boardId}`, options.token)
}
