import {
  type ChannelClientMessage,
  type ChannelServerMessage,
  SUBPROTOCOL,
} from '@mindfuse/protocol'
import { encodeClientFrame, eventually, OPCODES, openBareSocket } from '@mindfuse/testing'
import fc from 'fast-check'
import { testWithChannels } from './channels.ts'
import { createCrowd, type Newcomer } from './crowd.ts'

/** How many connect at a time. */
const CONNECTING = 50

/** The answer to a join: all that is read while {@link ChannelCrowd.isListening} is false. */
const JOINED = Buffer.from('{"type":"channel:joined"')

/** What a member does: most leave and join again. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant('rejoin' as const) },
  { weight: 1, arbitrary: fc.constant('change' as const) },
  { weight: 1, arbitrary: fc.constant('withdraw' as const) },
)

/** One person in the channel, as bytes: there are too many for real clients. */
interface Member {
  who: Newcomer
  /** Of its gateway. */
  realtimeUrl: string
  say(message: ChannelClientMessage): void
  /** The states that it knows of, by connection. */
  present: Map<string, unknown>
  /** Its own connection, while it has joined. */
  connectionId: string | undefined
  /** What it gave last. */
  state: number | null
  destroy(): void
}

/** Many people in one channel, and what each of them has to know. */
export class ChannelCrowd {
  readonly #topic: string
  #members: Member[] = []
  #states = 0
  #moved = 0
  /** Whether presence is read: where others are timed in this process, it should not be. */
  isListening = true

  constructor(topic: string) {
    this.#topic = topic
  }

  /** Connects people and has them join, in turns to the gateways. */
  async join(people: readonly Newcomer[], realtimeUrls: readonly string[]): Promise<void> {
    for (let from = 0; from < people.length; from += CONNECTING) {
      await Promise.all(
        people.slice(from, from + CONNECTING).map(async (who, i) => {
          const member = await this.#open(who, realtimeUrls[i % realtimeUrls.length] ?? '')
          this.#members.push(member)
          await this.#enter(member)
        }),
      )
    }
  }

  /** So many a second come and go, or change what they are. */
  async churn(options: { perSecond: number; seconds: number; seed: number }): Promise<void> {
    const { perSecond, seconds, seed } = options
    const steps = fc.sample(step, { numRuns: perSecond * seconds, seed })
    const startedAt = performance.now()
    await Promise.all(
      steps.map(async (what, i) => {
        await untilTime(startedAt + (i * 1_000) / perSecond)
        await this.#do(what, this.#next())
      }),
    )
  }

  /** So many change their state, and as many leave. @returns has those who left join again */
  changeAndLeave(count: number): () => Promise<void> {
    for (let i = 0; i < count; i++) this.#give(this.#next(), ++this.#states)
    const left = Array.from({ length: count }, () => this.#next())
    for (const member of left) this.#leave(member)
    return async () => {
      await Promise.all(left.map((member) => this.#enter(member)))
    }
  }

  /** All leave, and stay connected. */
  leaveAll(): void {
    for (const member of this.#members) this.#leave(member)
  }

  /** Forgets those on a gateway that is gone. @returns them */
  takeLost(realtimeUrl: string): Newcomer[] {
    const lost = this.#members.filter((member) => member.realtimeUrl === realtimeUrl)
    this.#members = this.#members.filter((member) => member.realtimeUrl !== realtimeUrl)
    for (const member of lost) member.destroy()
    return lost.map(({ who }) => who)
  }

  /** Waits until each member knows exactly what is so. @returns how long it took, milliseconds */
  async agrees(withinMs: number): Promise<number> {
    const startedAt = performance.now()
    await eventually(
      'everybody knows who is there',
      () => {
        const here = this.#members.filter(({ connectionId }) => connectionId !== undefined)
        const truth = new Map(
          here
            .filter(({ state }) => state !== null)
            .map(({ connectionId, state }) => [connectionId ?? '', state]),
        )
        const wrong = here.filter(({ present }) => !isEqual(present, truth))
        if (wrong.length === 0) return true
        throw new Error(`${wrong.length} of ${here.length} do not know all of ${truth.size}`)
      },
      withinMs,
    )
    return Math.round(performance.now() - startedAt)
  }

  destroy(): void {
    for (const member of this.#members) member.destroy()
  }

  /** Each takes a turn. */
  #next(): Member {
    return this.#members[this.#moved++ % this.#members.length] as Member
  }

  async #do(what: 'rejoin' | 'change' | 'withdraw', member: Member): Promise<void> {
    // It is about to join.
    if (member.connectionId === undefined) return
    if (what === 'change') this.#give(member, ++this.#states)
    else if (what === 'withdraw') this.#give(member, null)
    else {
      this.#leave(member)
      await this.#enter(member)
    }
  }

  async #enter(member: Member): Promise<void> {
    member.say({ type: 'channel:join', topic: this.#topic })
    await eventually('it has joined', () => member.connectionId)
    this.#give(member, ++this.#states)
  }

  #give(member: Member, state: number | null): void {
    if (member.connectionId === undefined) return
    member.say({ type: 'channel:presence', topic: this.#topic, state })
    member.state = state
  }

  #leave(member: Member): void {
    member.say({ type: 'channel:leave', topic: this.#topic })
    member.connectionId = undefined
    member.state = null
  }

  async #open(who: Newcomer, realtimeUrl: string): Promise<Member> {
    const present = new Map<string, unknown>()
    const known = { who, realtimeUrl, present, state: null }
    const member = { ...known, connectionId: undefined as string | undefined }
    const { socket } = await openBareSocket(realtimeUrl.replace(/\/ws$/, '/channels'), {
      protocols: [SUBPROTOCOL, `bearer.${who.accessToken}`],
      onMessage: (buffer, start, end) => {
        const bytes = buffer.subarray(start, end)
        if (!this.isListening && !bytes.subarray(0, JOINED.length).equals(JOINED)) return
        const message: ChannelServerMessage = JSON.parse(bytes.toString())
        if (message.type === 'channel:joined') member.connectionId = message.connectionId
        if (message.type !== 'channel:presence') return
        if (message.full) present.clear()
        for (const { connectionId, state } of message.presences) present.set(connectionId, state)
        for (const connectionId of message.left ?? []) present.delete(connectionId)
      },
    })
    return Object.assign(member, {
      say: (message: ChannelClientMessage) =>
        void socket.write(encodeClientFrame(Buffer.from(JSON.stringify(message)), OPCODES.TEXT)),
      destroy: () => socket.destroy(),
    })
  }
}

/** A test with so many people who may join the channel of a workspace, and two gateways that may be killed. */
export const testWithChannelCrowd = (size: number) =>
  testWithChannels({ gateways: 0 })
    .extend('stackOptions', { scope: 'file' }, ({ redis }) => ({
      gateways: 0,
      redisUrl: redis.url,
    }))
    .extend('gateways', ({ startGateway, redis, workspaceId: _ }) =>
      Promise.all([0, 1].map(() => startGateway({ redisUrl: redis.url, logLevel: 'error' }))),
    )
    .extend('realtimeUrls', ({ gateways }) => gateways.map(({ realtimeUrl }) => realtimeUrl))
    .extend('people', async ({ stack, ada, workspaceId }) => {
      const people = await createCrowd(stack, size, { like: ada })
      await stack.database.query(
        `INSERT INTO workspace_members (workspace_id, user_id, role)
         SELECT $1, unnest($2::uuid[]), 'member'`,
        [workspaceId, people.map(({ userId }) => userId)],
      )
      return people
    })
    .extend('crowd', ({ topic, gateways: _ }, { onCleanup }) => {
      const crowd = new ChannelCrowd(topic)
      onCleanup(() => crowd.destroy())
      return crowd
    })

function isEqual(present: Map<string, unknown>, truth: Map<string, unknown>): boolean {
  if (present.size !== truth.size) return false
  for (const [connectionId, state] of truth) if (present.get(connectionId) !== state) return false
  return true
}

async function untilTime(at: number): Promise<void> {
  const ms = at - performance.now()
  if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
}
