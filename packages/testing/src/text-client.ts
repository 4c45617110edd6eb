import { SUBPROTOCOL } from '@mindfuse/protocol'
import { eventually } from './eventually.ts'
import { connectRaw, type RawClient } from './raw-client.ts'

/** A bare `whiteboard.v1` connection that records every message it receives. */
export interface TextClient<Sent, Received extends { type: string }> extends RawClient {
  messages: Received[]
  say(message: Sent): void
  /** Waits for the first message that fits. */
  heard<Type extends Received['type']>(
    type: Type,
    fits?: (message: Extract<Received, { type: Type }>) => boolean,
    timeoutMs?: number,
  ): Promise<Extract<Received, { type: Type }>>
}

/** Connects as the SDK does: the token travels as a subprotocol. @throws {@link Refused} */
export async function connectText<Sent, Received extends { type: string }>(
  url: string,
  token: string,
): Promise<TextClient<Sent, Received>> {
  const messages: Received[] = []
  const client = await connectRaw(url, {
    protocols: [SUBPROTOCOL, `bearer.${token}`],
    onText: (text) => messages.push(JSON.parse(text)),
  })
  return Object.assign(client, {
    messages,
    say: (message: Sent) => client.socket.send(JSON.stringify(message)),
    heard: <Type extends Received['type']>(
      type: Type,
      fits: (message: Extract<Received, { type: Type }>) => boolean = () => true,
      timeoutMs?: number,
    ) =>
      eventually(
        `a matching ${type} arrives`,
        () =>
          messages.find(
            (message): message is Extract<Received, { type: Type }> =>
              message.type === type && fits(message as Extract<Received, { type: Type }>),
          ),
        timeoutMs,
      ),
  })
}
