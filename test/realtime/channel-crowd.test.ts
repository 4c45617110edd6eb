import {
  type ChannelClientMessage,
  type ChannelServerMessage,
  SUBPROTOCOL,
} from '@mindfuse/protocol'
import { encodeClientFrame, eventually, OPCODES, openBareSocket } from '@mindfuse/testing'
import { expect } from 'vitest'
import { testWithChannels } from '../support/channels.ts'
import { createCrowd } from '../support/crowd.ts'

/** `CHANNEL_MEMBERS=1000` puts as many into one channel. */
const MEMBERS = Number(process.env.CHANNEL_MEMBERS ?? 1_000)

/** So many come and go, each second, for so long. */
const CHURN_PER_SECOND = 50
const CHURN_SECONDS = 10

/** How many connect at a time. */
const CONNECTING = 50

/** How soon everybody knows what is so, milliseconds. */
const SOON_MS = 1_000

const test = testWithChannels({ gateways: 0 })
  .extend('gateways', async ({ startGateway, workspaceId: _ }) =>
    Promise.all([0, 1].map(() => startGateway({ logLevel: 'error' }))),
  )
  .extend('crowd', async ({ stack, ada, workspaceId }) => {
    const crowd = await createCrowd(stack, MEMBERS, { like: ada })
    await stack.database.query(
      `INSERT INTO workspace_members (workspace_id, user_id, role)
       SELECT $1, unnest($2::uuid[]), 'member'`,
      [workspaceId, crowd.map(({ userId }) => userId)],
    )
    return crowd
  })

/** One person in the channel, as bytes: there are too many for real clients. */
interface Member {
  say(message: ChannelClientMessage): void
  /** The connections that are present, as far as it knows. */
  present: Set<string>
  /** Its own connection, while it has joined. */
  connectionId: string | undefined
  destroy(): void
}

async function open(url: string, token: string): Promise<Member> {
  const present = new Set<string>()
  const member = { present, connectionId: undefined as string | undefined }
  const { socket } = await openBareSocket(url, {
    protocols: [SUBPROTOCOL, `bearer.${token}`],
    onMessage(buffer, start, end) {
      const message: ChannelServerMessage = JSON.parse(buffer.toString('utf8', start, end))
      if (message.type === 'channel:joined') member.connectionId = message.connectionId
      if (message.type !== 'channel:presence') return
      if (message.full) present.clear()
      for (const { connectionId } of message.presences) present.add(connectionId)
      for (const connectionId of message.left ?? []) present.delete(connectionId)
    },
  })
  return Object.assign(member, {
    say: (message: ChannelClientMessage) =>
      void socket.write(encodeClientFrame(Buffer.from(JSON.stringify(message)), OPCODES.TEXT)),
    destroy: () => socket.destroy(),
  })
}

test('CHAN-3: a thousand people know within a second who is there, while 50 a second come and go', async ({
  gateways,
  crowd,
  topic,
  atEnd,
  annotate,
}) => {
  const members: Member[] = []
  atEnd(() => {
    for (const member of members) member.destroy()
  })
  const urls = gateways.map(({ realtimeUrl }) => realtimeUrl.replace(/\/ws$/, '/channels'))
  const join = async (member: Member) => {
    member.say({ type: 'channel:join', topic })
    await eventually('it has joined', () => member.connectionId)
    member.say({ type: 'channel:presence', topic, state: { page: 'boards' } })
  }
  for (let from = 0; from < crowd.length; from += CONNECTING) {
    const next = crowd.slice(from, from + CONNECTING)
    const opened = await Promise.all(
      next.map(({ accessToken }, i) => open(urls[i % urls.length] ?? '', accessToken)),
    )
    await Promise.all(opened.map(join))
    members.push(...opened)
  }
  const isSo = () => {
    const here = members.filter(({ connectionId }) => connectionId !== undefined)
    const truth = here.map(({ connectionId }) => connectionId).sort()
    for (const { present } of here) expect([...present].sort()).toEqual(truth)
    return true
  }
  await eventually('everybody knows everybody', isSo)

  for (let second = 0; second < CHURN_SECONDS; second++) {
    const startedAt = performance.now()
    const moving = members.slice(second * CHURN_PER_SECOND, (second + 1) * CHURN_PER_SECOND)
    await Promise.all(
      moving.map(async (member, i) => {
        await new Promise((resolve) => setTimeout(resolve, (i * 1_000) / CHURN_PER_SECOND))
        member.say({ type: 'channel:leave', topic })
        member.connectionId = undefined
        await join(member)
      }),
    )
    await annotate(`second ${second}: ${Math.round(performance.now() - startedAt)} ms`)
  }
  const startedAt = performance.now()
  await eventually('everybody knows who is there', isSo, SOON_MS)
  await annotate(`known ${Math.round(performance.now() - startedAt)} ms after the last one came`)
})
