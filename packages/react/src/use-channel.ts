import type {
  Channel,
  ChannelOptions,
  ChannelPresenceState,
  ChannelStatus,
  ChannelTopic,
  Client,
  MindfuseError,
} from '@mindfuse/client'
import { clientResources } from './client-resources.ts'
import { useClientOr } from './provider.ts'
import { useShared } from './use-shared.ts'
import { useWatched, type Watch, watchAll } from './use-watched.ts'

/** Where the subscription of a channel is. */
export interface ChannelSubscription {
  /** What was reported last; `undefined` until then. */
  status: ChannelStatus | undefined
  /** Of `CHANNEL_ERROR`. */
  error: MindfuseError | undefined
}

/** A channel, and what is known of it. */
export interface UsedChannel extends ChannelSubscription {
  /** `undefined` in the first render and on a server. */
  channel: Channel | undefined
  /** Who is present, by their keys. */
  presence: ChannelPresenceState
}

/** How {@link useChannel} opens a channel: its options count where a component is the first to use it. */
export interface UseChannelOptions extends ChannelOptions {
  /** In place of the provider's. */
  client?: Client | undefined
}

const NOT_REPORTED: ChannelSubscription = { status: undefined, error: undefined }
const NOBODY: ChannelPresenceState = {}

/** A subscription that components share. */
class Subscription {
  readonly channel: Channel
  readonly #listeners = new Set<() => void>()
  #state: ChannelSubscription = NOT_REPORTED

  constructor(channel: Channel) {
    this.channel = channel
    channel.subscribe((status, error) => {
      this.#state = { status, error }
      for (const listener of [...this.#listeners]) listener()
    })
  }

  get state(): ChannelSubscription {
    return this.#state
  }

  onState(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  close(): void {
    void this.channel.unsubscribe()
  }
}

const subscriptionOf = clientResources(
  (client, topic, options: ChannelOptions) =>
    new Subscription(client.channel(topic as ChannelTopic, options)),
)

const watchState: Watch<Subscription> = (subscription, onChange) => subscription.onState(onChange)
const watchPresence: Watch<Subscription> = ({ channel }, onChange) => {
  channel.on('presence', { event: 'sync' }, onChange)
  return watchAll(() => channel.off('presence', { event: 'sync' }, onChange))
}

/**
 * Subscribes to a channel while a component uses it: one subscription for all of them, and one connection for all
 * channels. It is left a little after the last one is unmounted.
 *
 * @example
 * ```tsx
 * function Colleagues({ workspaceId }: { workspaceId: string }) {
 *   const { channel, presence } = useChannel(`workspace:${workspaceId}`)
 *   useEffect(() => void channel?.track({ at: 'home' }), [channel])
 *   return <p>{Object.keys(presence).length} here</p>
 * }
 * ```
 */
export function useChannel(
  topic: ChannelTopic,
  { client, ...options }: UseChannelOptions = {},
): UsedChannel {
  const used = useClientOr(client)
  const subscription = useShared(used && subscriptionOf(used, topic, options))
  const state = useWatched(subscription, watchState, (open) => open?.state ?? NOT_REPORTED)
  const presence = useWatched(
    subscription,
    watchPresence,
    (open) => open?.channel.presenceState() ?? NOBODY,
  )
  return { channel: subscription?.channel, presence, ...state }
}
