import {
  CLOSE_CODES,
  decodeFrame,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
} from '@mindfuse/protocol'
import { connectWhiteboard, type WhiteboardClient } from '@mindfuse/testing'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { type Edit, makeEdit } from './edits.ts'
import type { Random } from './random.ts'
import type { Tab, TabOptions } from './tab.ts'

/** How long a client waits before it reconnects, milliseconds; too short for people to notice. */
const RETURN_AFTER_MS = [20, 150] as const

/** When an edit that was refused for the moment is brought again, milliseconds. */
const RESEND_AFTER_MS = 100

const REMOTE = 'remote'

/** An attempt to connect: when it began, by the monotonic clock, and to which gateway. */
export interface Attempt {
  startedAt: number
  url: string
  /** An HTTP status where the upgrade was refused; neither where the gateway could not be reached. */
  outcome: 'admitted' | number | undefined
}

/** Closes that say that a person may not be here. */
const SENT_AWAY: readonly number[] = [CLOSE_CODES.SESSION_ENDED, CLOSE_CODES.ACCESS_REMOVED]

/** One connection: the edits that each of its frames carries, and what was acknowledged of them. */
interface Session {
  client: WhiteboardClient
  frames: Edit[][]
  acked: { received: number; saved: number }
}

/**
 * A tab that speaks `whiteboard.v1` and shows people what is saved. It believes a `sync:ack`: with
 * a sync step 2 it has brought everything it holds, so all of that is saved when the frame is.
 */
export class WhiteboardTab implements Tab {
  readonly doc = new Doc()
  readonly edits: Edit[] = []
  readonly faults: string[] = []
  /** All that ended, in order. */
  readonly attempts: Attempt[] = []
  /** The ends of its connections, in order, by the monotonic clock. */
  readonly closes: { at: number; code: number }[] = []
  readonly name: string
  readonly #options: TabOptions
  readonly #random: Random
  readonly #own: string[] = []
  #session: Session | undefined
  #isGone = false
  #sentAwayAt: number | undefined

  constructor(options: TabOptions) {
    this.#options = options
    this.name = options.name
    this.#random = options.random
    void this.#connect()
  }

  get isConnected(): boolean {
    return this.#session !== undefined
  }

  /** When it was closed because its person may not be here, first. */
  get sentAwayAt(): number | undefined {
    return this.#sentAwayAt
  }

  /** Connected, and all that it drew is saved. */
  get isSettled(): boolean {
    return this.#session !== undefined && this.edits.every(({ isSaved }) => isSaved)
  }

  get state(): string {
    const unsaved = this.edits.filter(({ isSaved }) => !isSaved).length
    const { frames = [], acked } = this.#session ?? {}
    return this.#session
      ? `${unsaved} edits not saved, ${frames.length} frames sent, ${JSON.stringify(acked)}`
      : 'not connected'
  }

  write(): void {
    const id = `${this.name}-${this.edits.length}`
    let update: Uint8Array | undefined
    const keep = (bytes: Uint8Array) => {
      update = bytes
    }
    this.doc.once('update', keep)
    const edit = makeEdit(this.doc, this.#random, id, this.#own)
    this.doc.off('update', keep)
    this.edits.push(edit)
    if (update) this.#send(encodeUpdate(update), [edit])
  }

  comeBack(): void {
    // It never gives up.
  }

  kill(): void {
    this.#isGone = true
    this.#session?.client.destroy()
    this.#session = undefined
  }

  async #connect(): Promise<void> {
    const { boardId, token, realtimeUrl } = this.#options
    const url = realtimeUrl()
    const attempt: Attempt = { startedAt: performance.now(), url, outcome: undefined }
    const client = await connectWhiteboard({ realtimeUrl: url, boardId, token }).catch((error) => {
      attempt.outcome = error.status
      if (error.status === 403) this.#onSentAway('refused with 403')
      return undefined
    })
    if (client) attempt.outcome = 'admitted'
    this.attempts.push(attempt)
    if (this.#isGone) client?.destroy()
    else if (client?.socket.readyState === 1) this.#open(client)
    else this.#reconnect()
  }

  #onSentAway(how: string): void {
    this.#sentAwayAt ??= performance.now()
    if (!this.#options.mayLoseAccess) this.faults.push(`${this.name} may be here and was ${how}`)
  }

  #reconnect(): void {
    if (this.#isGone) return
    setTimeout(() => void this.#connect(), this.#random.between(...RETURN_AFTER_MS))
  }

  #open(client: WhiteboardClient): void {
    const session: Session = { client, frames: [], acked: { received: 0, saved: 0 } }
    this.#session = session
    for (const frame of client.frames) this.#receive(frame)
    client.socket.on('message', (data, isBinary) => {
      if (this.#session !== session) return
      if (isBinary) this.#receive(new Uint8Array(data as Buffer))
      else this.#onMessage(session)
    })
    client.socket.on('close', (code) => {
      if (this.#session !== session) return
      if (SENT_AWAY.includes(code)) this.#onSentAway(`closed with ${code}`)
      this.#session = undefined
      this.closes.push({ at: performance.now(), code })
      this.#reconnect()
    })
    client.socket.send(encodeSyncStep1(encodeStateVector(this.doc)))
  }

  #receive(bytes: Uint8Array): void {
    const frame = decodeFrame(bytes)
    if (frame.kind === 'sync-step-1') this.#sendMissing(frame.stateVector)
    else if (frame.kind === 'sync-step-2' || frame.kind === 'update') {
      applyUpdate(this.doc, frame.update, REMOTE)
    }
  }

  #sendMissing(stateVector?: Uint8Array): void {
    this.#send(encodeSyncStep2(encodeStateAsUpdate(this.doc, stateVector)), [...this.edits])
  }

  #send(frame: Uint8Array, edits: Edit[]): void {
    if (!this.#session) return
    this.#session.frames.push(edits)
    this.#session.client.socket.send(frame)
  }

  #onMessage(session: Session): void {
    const message = session.client.messages.at(-1)
    if (message?.type === 'sync:rejected') {
      session.frames[message.seq - 1] = []
      // Who may only read brings nothing again until it connects anew.
      if (message.code === 'read_only') return
      setTimeout(() => this.#session === session && this.#sendMissing(), RESEND_AFTER_MS)
    }
    if (message?.type !== 'sync:ack') return
    const { received, saved } = message
    const { acked, frames } = session
    const isInOrder = received >= acked.received && saved >= acked.saved
    if (saved > received || received > frames.length || !isInOrder) {
      this.faults.push(
        `${this.name}: acknowledged ${JSON.stringify({ received, saved })} ` +
          `after ${JSON.stringify(acked)} and ${frames.length} frames`,
      )
    }
    for (const edits of frames.slice(acked.saved, saved)) {
      for (const edit of edits) edit.isSaved = true
    }
    session.acked = { received, saved }
  }
}
