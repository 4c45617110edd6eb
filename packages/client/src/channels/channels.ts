import { Channel, type HttpSend } from './channel.ts'
import { ChannelSession } from './channel-session.ts'
import { ChannelSocket, type ChannelSocketDeps } from './channel-socket.ts'
import type { ChannelOptions, ChannelSendStatus, ChannelTopic } from './types.ts'

/** What a gateway reads as a topic; it would close the connection, and so all channels, for a longer one. */
const TOPIC = /^(workspace|board):[\w-]{1,64}$/

/** The channels of a client, one for each topic, over one socket. */
export class Channels {
  readonly socket: ChannelSocket
  readonly #random: () => number
  readonly #httpSend: HttpSend
  readonly #channels = new Map<string, Channel>()

  constructor({ httpSend, ...deps }: ChannelSocketDeps & { httpSend: HttpSend }) {
    this.socket = new ChannelSocket(deps)
    this.#random = deps.environment.random
    this.#httpSend = httpSend
  }

  get all(): Channel[] {
    return [...this.#channels.values()]
  }

  /** @throws TypeError if there is no such kind of topic */
  open(topic: ChannelTopic, options: ChannelOptions): Channel {
    if (!TOPIC.test(topic)) throw new TypeError('A topic is workspace:<id> or board:<id>')
    const known = this.#channels.get(topic)
    if (known) return known
    const session = new ChannelSession({
      ...{ topic, options, socket: this.socket, random: this.#random },
      onSubscribed: () => this.#add(channel),
      onClosed: () => this.#remove(channel),
    })
    const channel = new Channel(topic, session, this.#httpSend)
    this.#add(channel)
    return channel
  }

  async removeAll(): Promise<ChannelSendStatus[]> {
    return Promise.all(this.all.map((channel) => channel.unsubscribe()))
  }

  #add(channel: Channel): void {
    if (!this.#channels.has(channel.topic)) this.#channels.set(channel.topic, channel)
  }

  #remove(channel: Channel): void {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic)
  }
}
