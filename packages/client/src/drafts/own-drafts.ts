import {
  type AnnouncedLimits,
  type ClientMessage,
  DRAFT_REPEAT_MS,
  type DraftChange,
  isNestedDeeper,
  MAX_DRAFT_BYTES,
  MAX_DRAFT_NAME_LENGTH,
  MAX_DRAFTS_PER_CONNECTION,
  MAX_VALUE_DEPTH,
} from '@mindfuse/protocol'
import { MindfuseError } from '../errors.ts'
import { Throttle } from '../presence/throttle.ts'
import { type Fields, findAppended, readFields } from './appended.ts'

/** Shortest interval between two messages with others on the board, milliseconds. */
const INTERVAL_MS = 67

/** What a message takes besides the values and ids of drafts, and for each draft, bytes at most. */
const ENVELOPE_BYTES = 64
const DRAFT_ENVELOPE_BYTES = 96

/** While more than this has not left the machine, bytes, drafts wait: edits are more urgent. */
const MAX_BUFFERED_BYTES = 64 * 1024

/** What own drafts need from the board. */
export interface OwnDraftsDeps {
  send: (message: ClientMessage) => boolean
  bufferedBytes: () => number
  isAlone: () => boolean
}

interface OwnDraft {
  /** The value as JSON: the application may go on changing it. */
  text: string
  bytes: number
  /** What readers have; undefined where they are to be sent all of it. */
  sent: { version: number; text: string; fields: Fields | undefined } | undefined
}

/** Sends the drafts of this client: what is new 15 times a second, and everything each second. */
export class OwnDrafts {
  readonly #deps: OwnDraftsDeps
  readonly #drafts = new Map<string, OwnDraft>()
  readonly #throttle = new Throttle(
    () => this.#send(),
    () => (this.#deps.isAlone() ? DRAFT_REPEAT_MS : INTERVAL_MS),
  )
  #repeat: ReturnType<typeof setInterval> | undefined
  #maxBytes = MAX_DRAFT_BYTES
  #maxDrafts = MAX_DRAFTS_PER_CONNECTION
  /** Of all drafts, so that one with the id of an earlier one continues nothing of it. */
  #version = 0
  /** Whether the gateway is connected, and takes drafts. */
  #isOpen = false
  /** Whether the gateway rejected a message since everything was sent last. */
  #isRejected = false

  constructor(deps: OwnDraftsDeps) {
    this.#deps = deps
  }

  /** @throws MindfuseError `too_large`, `too_many`. @throws RangeError for an id or a value that is none */
  set(id: string, value: unknown): void {
    if (id.length === 0 || id.length > MAX_DRAFT_NAME_LENGTH) {
      throw new RangeError(`The id of a draft has 1 to ${MAX_DRAFT_NAME_LENGTH} characters`)
    }
    const text = JSON.stringify(value)
    if (text === undefined) throw new RangeError('A draft has to be JSON')
    const bytes = byteLength(text) + byteLength(JSON.stringify(id)) + DRAFT_ENVELOPE_BYTES
    const known = this.#drafts.get(id)
    const total = this.#bytes - (known?.bytes ?? 0) + bytes
    if (total > this.#maxBytes || isNestedDeeper(value, MAX_VALUE_DEPTH)) {
      const limit = `Drafts have at most ${this.#maxBytes} bytes together`
      throw new MindfuseError('too_large', limit)
    }
    if (!known && this.#drafts.size >= this.#maxDrafts) {
      throw new MindfuseError('too_many', `There are at most ${this.#maxDrafts} drafts at a time`)
    }
    this.#drafts.set(id, { text, bytes, sent: known?.sent })
    this.#repeat ??= setInterval(() => this.#sendAll(), DRAFT_REPEAT_MS)
    this.#throttle.request()
  }

  remove(id: string): void {
    if (!this.#drafts.delete(id)) return
    if (this.#drafts.size === 0) this.#stop()
    // At once: what it became is in the document already.
    this.#say([{ id, ended: true }])
  }

  /** The gateway sent hello, and knows no draft. */
  connected({ maxDraftBytes, draftsPerConnection }: AnnouncedLimits): void {
    this.#isOpen = maxDraftBytes !== undefined
    this.#maxBytes = maxDraftBytes ?? MAX_DRAFT_BYTES
    this.#maxDrafts = draftsPerConnection ?? MAX_DRAFTS_PER_CONNECTION
    if (this.#drafts.size > 0) this.#sendAll()
  }

  disconnected(): void {
    this.#isOpen = false
  }

  /** The gateway rejected a message: readers are not sent what it had before everything is sent. */
  reject(): void {
    this.#isRejected = true
  }

  /** Drops all drafts, whose end the gateway sends. */
  clear(): void {
    this.#drafts.clear()
    this.#stop()
  }

  get #bytes(): number {
    let bytes = ENVELOPE_BYTES
    for (const draft of this.#drafts.values()) bytes += draft.bytes
    return bytes
  }

  #stop(): void {
    clearInterval(this.#repeat)
    this.#repeat = undefined
    this.#throttle.cancel()
  }

  #sendAll(): void {
    this.#isRejected = false
    for (const draft of this.#drafts.values()) draft.sent = undefined
    this.#throttle.request()
  }

  #send(): void {
    if (!this.#isOpen || this.#isRejected) return
    if (this.#deps.bufferedBytes() > MAX_BUFFERED_BYTES) return
    const changes = Array.from(this.#drafts, ([id, draft]) => this.#takeChange(id, draft))
    this.#say(changes.filter((change) => change !== undefined))
  }

  #takeChange(id: string, draft: OwnDraft): DraftChange | undefined {
    const { text, sent } = draft
    if (sent?.text === text) return undefined
    const fields = readFields(text)
    const append = sent?.fields && fields && findAppended(sent.fields, fields)
    const version = ++this.#version
    draft.sent = { version, text, fields }
    return sent && append
      ? { id, from: sent.version, version, append }
      : { id, version, value: JSON.parse(text) }
  }

  #say(drafts: DraftChange[]): void {
    if (this.#isOpen && drafts.length > 0) this.#deps.send({ type: 'draft:update', drafts })
  }
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
