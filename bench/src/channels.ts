import { SUBPROTOCOL } from '@mindfuse/protocol'
import { encodeClientFrame, eventually, OPCODES, openBareSocket } from '@mindfuse/testing'
import { cpuMs } from './process-stats.ts'
import { quantile, type Services, startServices } from './services.ts'

const MEMBERS = 100
const CONNECTIONS_PER_PERSON = 50

/** How many of them send, and how many broadcasts a second each. */
const SENDERS = 10
const PER_SECOND = 25
const SECONDS = 4

/** The first is a warm-up. */
const ROUNDS = 6

const MAX_RATIO = 1.2

/** A connection that is sent broadcasts, and may send some. */
interface Member {
  received: number
  hasDocument: boolean
  say(message: object): void
}

/** Where broadcasts are sent to, and what sends one there. */
interface Place {
  name: string
  members: Member[]
  message: object
  /** Of the gateway, for each delivery of a round, microseconds. */
  cpu: number[]
}

/** The CPU that a delivered broadcast costs a gateway, on a board and in a channel, in turns. */
async function main(): Promise<void> {
  const people = (2 * MEMBERS) / CONNECTIONS_PER_PERSON
  const services = await startServices({ people })
  try {
    const places = [await onBoard(services), await inChannel(services)]
    for (let round = 0; round < ROUNDS; round++) {
      for (const place of round % 2 === 0 ? places : places.toReversed()) {
        const cpu = await measure(place, services.gatewayPid)
        if (round > 0) place.cpu.push(cpu)
      }
    }
    report(places)
  } finally {
    await services.stop()
  }
}

async function onBoard(services: Services): Promise<Place> {
  const { realtimeUrl, boardId } = services
  const members = await connect(services, `${realtimeUrl}/${boardId}`, 'broadcast')
  // Until then they receive no broadcasts.
  await eventually('all have the document', () => members.every(({ hasDocument }) => hasDocument))
  return { name: 'board', members, message: { type: 'broadcast' }, cpu: [] }
}

async function inChannel(services: Services): Promise<Place> {
  const topic = `board:${services.boardId}`
  const url = services.realtimeUrl.replace(/\/ws$/, '/channels')
  const members = await connect(services, url, 'channel:broadcast')
  for (const member of members) member.say({ type: 'channel:join', topic })
  const joined = async () =>
    (await services.metrics('realtime_channel_members')).get('') === MEMBERS
  await eventually('all have joined', joined)
  return { name: 'channel', members, message: { type: 'channel:broadcast', topic }, cpu: [] }
}

/** Connects all members. @param type that of the messages that count */
function connect({ people }: Services, url: string, type: string): Promise<Member[]> {
  const head = Buffer.from(`{"type":"${type}"`)
  return Promise.all(
    Array.from({ length: MEMBERS }, async (_, i) => {
      const { accessToken = '' } = people[i % people.length] ?? {}
      const member = { received: 0, hasDocument: false }
      const { socket } = await openBareSocket(url, {
        protocols: [SUBPROTOCOL, `bearer.${accessToken}`],
        keptBytes: head.length,
        onMessage(buffer, start, _, isText) {
          if (!isText) member.hasDocument = true
          else if (buffer.subarray(start, start + head.length).equals(head)) member.received++
        },
      })
      return Object.assign(member, {
        say: (message: object) =>
          socket.write(encodeClientFrame(Buffer.from(JSON.stringify(message)), OPCODES.TEXT)),
      })
    }),
  )
}

/** Sends broadcasts for some seconds. @returns CPU of the gateway a delivery, microseconds */
async function measure({ members, message }: Place, gatewayPid: number): Promise<number> {
  const received = () => members.reduce((sum, member) => sum + member.received, 0)
  const [before, cpuBefore, startedAt] = [received(), cpuMs(gatewayPid), performance.now()]
  const total = SENDERS * PER_SECOND * SECONDS
  for (let sent = 0; sent < total; ) {
    const due = Math.min(total, ((performance.now() - startedAt) / 1_000) * SENDERS * PER_SECOND)
    for (; sent < due; sent++) {
      const payload = { x: sent, y: sent }
      members[sent % SENDERS]?.say({ ...message, event: 'cursor', payload })
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  const deliveries = total * (MEMBERS - 1)
  await eventually('all are delivered', () => received() - before === deliveries)
  return (1_000 * (cpuMs(gatewayPid) - cpuBefore)) / deliveries
}

function report(places: readonly Place[]): void {
  const medians = places.map(({ cpu }) => quantile(cpu, 0.5))
  const [board = 0, channel = 0] = medians
  const rows = places.map(({ name, cpu }, i) => {
    const range = `${Math.min(...cpu).toFixed(1)} to ${Math.max(...cpu).toFixed(1)}`
    const median = medians[i] ?? 0
    return `| ${name} | ${median.toFixed(1)} | ${range} | ${(median / board).toFixed(2)} |`
  })
  const head = ['| broadcasts | CPU µs a delivery | rounds | to board |', '|---|---|---|---|']
  process.stdout.write(`${[...head, ...rows].join('\n')}\n`)
  if (channel / board > MAX_RATIO) process.exitCode = 1
}

await main()
