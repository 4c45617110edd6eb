import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { encodeSyncStep1, encodeSyncStep2 } from '@mindfuse/protocol'
import * as encoding from 'lib0/encoding'
import { terminate } from '../backend.ts'
import { onServerCore } from './cores.ts'

/** Who is where: people `board * perBoard` and the `perBoard - 1` after them are on a board. */
export interface Layout {
  boards: number
  perBoard: number
}

/** Where a person connects. */
export interface Address {
  url: string
  protocols?: readonly string[]
}

/** A server that runs, alone on its core. */
export interface Running {
  /** Its processes; all of them are on the server's core. */
  pids: readonly number[]
  addressOf(person: number): Address | Promise<Address>
  /** What stands before each frame of y-protocols, in both directions, on a person's board. */
  prefixOf(person: number): Uint8Array
  /** What a client sends once it is connected, prefix and all. */
  greetings(person: number): Uint8Array[]
  /** Whether a connection is in use only when the server has answered it with a sync step 2. */
  answersSync: boolean
  /** Waits until so many edits are stored, or no more come, and says how many are. */
  countSaved?(expected: number): Promise<number>
  stop(): Promise<void>
}

/** A server to be measured. */
export interface Target {
  name: string
  start(layout: Layout): Promise<Running>
}

/** The server that all others are compared with. */
export const RAW = 'raw uWebSockets.js'

/** Ours. */
export const MINDFUSE = 'Mindfuse'

/** Where frames are those of y-protocols and nothing else. */
export const NO_PREFIX = new Uint8Array()
/** What a client asks that has nothing, and answers that has nothing. */
const EMPTY_STATE_VECTOR = Uint8Array.of(0)
const EMPTY_UPDATE = Uint8Array.of(0, 0)

/** A client's answer to a step 1 where it has drawn nothing. */
export const EMPTY_STEP_2 = encodeSyncStep2(EMPTY_UPDATE)

/** A client's first words where it has nothing. */
export const EMPTY_STEP_1 = encodeSyncStep1(EMPTY_STATE_VECTOR)

/** The others: each in a process of its own that holds nothing else. */
export const PEERS: readonly Target[] = [
  peer(RAW, 'raw-uws', { answersSync: false }),
  peer('raw ws', 'raw-ws', { answersSync: false }),
  peer('y-websocket 0.1.1', 'y-websocket', { answersSync: true }),
  {
    name: 'Hocuspocus 3.4.4',
    async start(layout) {
      const { child, port } = await startPeer('hocuspocus')
      const prefixOf = (person: number) => encode((encoder) => writeBoard(encoder, layout, person))
      return {
        pids: [child.pid as number],
        addressOf: () => ({ url: `ws://127.0.0.1:${port}/` }),
        prefixOf,
        greetings: (person) => [
          encode((encoder) => {
            writeBoard(encoder, layout, person)
            encoding.writeVarUint(encoder, HOCUSPOCUS_AUTH)
            encoding.writeVarUint(encoder, HOCUSPOCUS_AUTH_TOKEN)
            encoding.writeVarString(encoder, 'token')
          }),
          join(prefixOf(person), EMPTY_STEP_1),
        ],
        answersSync: true,
        stop: () => terminate(child),
      }
    },
  },
]

/** What connecting takes at least: the raw relay, a signature and the first words of both sides. */
export const WELCOME: Target = peer('raw uWebSockets.js, a signature and a greeting', 'welcome', {
  answersSync: true,
})

const HOCUSPOCUS_AUTH = 2
const HOCUSPOCUS_AUTH_TOKEN = 0

function peer(name: string, entry: string, { answersSync }: { answersSync: boolean }): Target {
  return {
    name,
    async start(layout) {
      const { child, port } = await startPeer(entry)
      return {
        pids: [child.pid as number],
        addressOf: (person) => ({ url: `ws://127.0.0.1:${port}/${boardName(layout, person)}` }),
        prefixOf: () => NO_PREFIX,
        greetings: () => (answersSync ? [EMPTY_STEP_1] : []),
        answersSync,
        stop: () => terminate(child),
      }
    },
  }
}

async function startPeer(entry: string): Promise<{ child: ChildProcess; port: number }> {
  const file = fileURLToPath(new URL(`servers/${entry}.js`, import.meta.url))
  const [command, args] = onServerCore(file)
  // What a peer says about itself on standard output would break the table.
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = once(child, 'exit').then(() => {
    throw new Error(`${entry} ended before it was ready`)
  })
  const [{ port }] = await Promise.race([once(child, 'message'), exited])
  exited.catch(() => undefined)
  return { child, port }
}

const boardName = ({ perBoard }: Layout, person: number) => `board-${Math.floor(person / perBoard)}`

function writeBoard(encoder: encoding.Encoder, layout: Layout, person: number): void {
  encoding.writeVarString(encoder, boardName(layout, person))
}

function encode(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder()
  write(encoder)
  return encoding.toUint8Array(encoder)
}

/** A prefix and a frame as one. */
export function join(prefix: Uint8Array, frame: Uint8Array): Uint8Array {
  return prefix.length === 0 ? frame : Buffer.concat([prefix, frame])
}
