import type { Connection } from '../connection/connection.ts'
import { Channel, type ChannelDeps } from './channel.ts'

/** The open channels. One opens with its first member on this gateway, and is removed with the last. */
export class Channels {
  readonly #deps: ChannelDeps
  readonly #channels = new Map<string, Channel>()

  constructor(deps: ChannelDeps) {
    this.#deps = deps
  }

  get size(): number {
    return this.#channels.size
  }

  get all(): Iterable<Channel> {
    return this.#channels.values()
  }

  get(topic: string): Channel | undefined {
    return this.#channels.get(topic)
  }

  join(topic: string, connection: Connection): Channel {
    const channel = this.#channels.get(topic) ?? new Channel(topic, this.#deps)
    this.#channels.set(topic, channel)
    channel.join(connection)
    return channel
  }

  leave(channel: Channel, connection: Connection): void {
    channel.leave(connection)
    if (!channel.isIdle) return
    this.#channels.delete(channel.topic)
    channel.dispose()
  }
}
