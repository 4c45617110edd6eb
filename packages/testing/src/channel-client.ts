import type {
  ChannelClientMessage,
  ChannelPresence,
  ChannelReceived,
  ChannelServerMessage,
} from '@mindfuse/protocol'
import { eventually } from './eventually.ts'
import { connectText, type TextClient } from './text-client.ts'

/** A bare connection that joins channels. */
export interface ChannelClient extends TextClient<ChannelClientMessage, ChannelReceived> {
  /** Asks for something and waits for the answer. */
  ask(message: Question): Promise<ChannelAnswer>
  /** Who is present in a channel, by connection, as the messages until now say. */
  presenceOf(topic: string): Map<string, ChannelPresence>
}

type Question = Extract<ChannelClientMessage, { topic: string }>

type ChannelAnswer = Extract<ChannelServerMessage, { type: 'channel:joined' | 'channel:reply' }>

/** Connects as the SDK does. @param options.realtimeUrl ends in `/ws` @throws {@link Refused} */
export async function connectChannels(options: {
  realtimeUrl: string
  token: string
}): Promise<ChannelClient> {
  const url = options.realtimeUrl.replace(/\/ws$/, '/channels')
  const client = await connectText<ChannelClientMessage, ChannelReceived>(url, options.token)
  let refs = 0
  return Object.assign(client, {
    async ask(message: Question) {
      const ref = ++refs
      client.say({ ...message, ref })
      return eventually(`${message.type} is answered`, () =>
        client.messages.find((answer): answer is ChannelAnswer => {
          return 'ref' in answer && answer.ref === ref
        }),
      )
    },
    presenceOf: (topic: string) => presenceOf(client.messages, topic),
  })
}

function presenceOf(messages: readonly ChannelReceived[], topic: string) {
  const present = new Map<string, ChannelPresence>()
  for (const message of messages) {
    if (message.type !== 'channel:presence' || message.topic !== topic) continue
    if (message.full) present.clear()
    for (const presence of message.presences) present.set(presence.connectionId, presence)
    for (const connectionId of message.left ?? []) present.delete(connectionId)
  }
  return present
}
