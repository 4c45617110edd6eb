import { type ClientMessage, type ServerMessage, SUBPROTOCOL } from '@mindfuse/protocol'
import { eventually } from './eventually.ts'
import { connectRaw, type RawClient } from './raw-client.ts'

/** A bare `whiteboard.v1` connection that records every message it receives. */
export interface WhiteboardClient extends RawClient {
  messages: ServerMessage[]
  say(message: ClientMessage): void
  /** Waits for the first message that fits. */
  heard<Type extends ServerMessage['type']>(
    type: Type,
    fits?: (message: Extract<ServerMessage, { type: Type }>) => boolean,
    timeoutMs?: number,
  ): Promise<Extract<ServerMessage, { type: Type }>>
}

/** Connects as the SDK does: the token travels as a subprotocol. @throws {@link Refused} */
export async function connectWhiteboard(options: {
  realtimeUrl: string
  boardId: string
  token: string
}): Promise<WhiteboardClient> {
  const messages: ServerMessage[] = []
  const client = await connectRaw(`${options.realtimeUrl}/${options.boardId}`, {
    protocols: [SUBPROTOCOL, `bearer.${options.token}`],
    onText: (text) => messages.push(JSON.parse(text)),
  })
  return Object.assign(client, {
    messages,
    say: (message: ClientMessage) => client.socket.send(JSON.stringify(message)),
    heard: <Type extends ServerMessage['type']>(
      type: Type,
      fits: (message: Extract<ServerMessage, { type: Type }>) => boolean = () => true,
      timeoutMs?: number,
    ) =>
      eventually(
        `a matching ${type} arrives`,
        () =>
          messages.find(
            (message): message is Extract<ServerMessage, { type: Type }> =>
              message.type === type && fits(message as Extract<ServerMessage, { type: Type }>),
          ),
        timeoutMs,
      ),
  })
}
