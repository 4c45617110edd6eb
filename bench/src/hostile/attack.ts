import { randomBytes } from 'node:crypto'
import { SUBPROTOCOL } from '@mindfuse/protocol'
import { createBoard, type SignedIn, signIn } from '@mindfuse/testing'
import type pg from 'pg'
import WebSocket from 'ws'
import { Doc, encodeStateAsUpdate } from 'yjs'

/** Largest import, bytes, with some room for what Yjs adds. */
const IMPORT_BYTES = 15_000_000

/** How long an attack keeps sending where the gateway takes its time, milliseconds. */
const SEND_LIMIT_MS = 20_000

/** How long a refusal may take to come, milliseconds. */
const ANSWER_MS = 1_000

/** A connection of the attacker. */
export interface Connection {
  socket: WebSocket
  /** Text frames, parsed. */
  received: { type: string; [key: string]: unknown }[]
  closeCode: number | undefined
}

/** One person who may edit boards of their own, and what they can do to harm others. */
export class Attack {
  readonly apiUrl: string
  readonly #realtimeUrl: string
  readonly #pool: pg.Pool
  readonly #connections: Connection[] = []
  readonly #aborts: AbortController[] = []
  readonly #others: Attack[] = []
  readonly person: SignedIn

  private constructor(deps: {
    apiUrl: string
    realtimeUrl: string
    pool: pg.Pool
    person: SignedIn
  }) {
    this.apiUrl = deps.apiUrl
    this.#realtimeUrl = deps.realtimeUrl
    this.#pool = deps.pool
    this.person = deps.person
  }

  static async begin(deps: {
    apiUrl: string
    realtimeUrl: string
    pool: pg.Pool
  }): Promise<Attack> {
    const email = `attacker-${randomBytes(4).toString('hex')}@example.com`
    return new Attack({ ...deps, person: await signIn(deps.apiUrl, email) })
  }

  /** Somebody else who joins the attack. */
  async other(): Promise<Attack> {
    const other = await Attack.begin({
      apiUrl: this.apiUrl,
      realtimeUrl: this.#realtimeUrl,
      pool: this.#pool,
    })
    this.#others.push(other)
    return other
  }

  /** A board of the attacker's own, with a stored document if one is given: its limits are not asked. */
  async board(document?: Uint8Array): Promise<string> {
    const id = await createBoard(this.apiUrl, this.person.accessToken)
    if (document) {
      await this.#pool.query(
        `UPDATE board_documents SET seq = seq + 1, snapshot_seq = seq + 1, snapshot = $2 WHERE board_id = $1`,
        [id, Buffer.from(document)],
      )
    }
    return id
  }

  /** Connects; a refusal is thrown with its status. */
  connect(boardId: string): Promise<Connection> {
    return this.#open(`${this.#realtimeUrl}/${boardId}`)
  }

  /** The same, to join channels. */
  connectToChannels(): Promise<Connection> {
    return this.#open(this.#realtimeUrl.replace(/\/ws$/, '/channels'))
  }

  async #open(url: string): Promise<Connection> {
    const socket = new WebSocket(url, [SUBPROTOCOL, `bearer.${this.person.accessToken}`], {
      maxPayload: 0,
      skipUTF8Validation: true,
    })
    const connection: Connection = { socket, received: [], closeCode: undefined }
    this.#connections.push(connection)
    socket.on('message', (data, isBinary) => {
      if (!isBinary) connection.received.push(JSON.parse(String(data)))
    })
    socket.on('close', (code) => {
      connection.closeCode = code
    })
    await new Promise<void>((resolve, reject) => {
      socket.once('open', () => resolve())
      socket.on('error', reject)
    })
    return connection
  }

  /**
   * Sends frames as fast as the socket takes them, until one is refused, and waits a moment for what is
   * said of the last. @returns what came of it
   */
  async send(connection: Connection, frames: Iterable<Uint8Array>): Promise<string> {
    const { socket } = connection
    const before = connection.received.length
    const answer = () => {
      const rejected = connection.received
        .slice(before)
        .find(({ type }) => type === 'sync:rejected' || type === 'error')
      if (rejected) return String(rejected.code ?? rejected.reason)
      return connection.closeCode === undefined ? undefined : `closed ${connection.closeCode}`
    }
    const until = Date.now() + SEND_LIMIT_MS
    for (const frame of frames) {
      if (answer()) break
      socket.send(frame)
      while (socket.bufferedAmount > IMPORT_BYTES && !answer()) {
        if (Date.now() > until) return 'slowed down'
        await sleep(10)
      }
    }
    for (let i = 0; i < 100 && !answer(); i++) await sleep(ANSWER_MS / 100)
    return answer() ?? 'accepted'
  }

  /** Calls the API. @returns the status, and the code of a problem */
  async call(path: string, options: { body?: Uint8Array; isRead?: boolean } = {}): Promise<string> {
    const { body, isRead = true } = options
    const abort = new AbortController()
    this.#aborts.push(abort)
    const response = await fetch(`${this.apiUrl}${path}`, {
      headers: {
        authorization: `Bearer ${this.person.accessToken}`,
        ...(body && { 'content-type': 'application/octet-stream' }),
      },
      signal: abort.signal,
      ...(body && { method: 'POST', body: Buffer.from(body) }),
    })
    if (!isRead) return `${response.status}`
    const bytes = Buffer.from(await response.arrayBuffer())
    if (response.ok) return `${response.status}`
    return `${response.status} ${JSON.parse(bytes.toString()).code}`
  }

  /** Drops every connection and request. */
  end(): void {
    for (const { socket } of this.#connections) socket.terminate()
    for (const abort of this.#aborts) abort.abort()
    for (const other of this.#others) other.end()
  }
}

/** A document of so many bytes of text that nothing compresses. */
export function largeDocument(bytes: number): Uint8Array {
  const doc = new Doc()
  for (let left = bytes, i = 0; left > 0; i++) {
    const length = Math.min(left, IMPORT_BYTES)
    doc.getText(`text-${i}`).insert(0, randomBytes(length / 2).toString('hex'))
    left -= length
  }
  return encodeStateAsUpdate(doc)
}

/** Answers of several, with how many had each: `12 × 200, 23 × 429 documents_busy`. */
export function summarize(answers: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const answer of answers) counts.set(answer, (counts.get(answer) ?? 0) + 1)
  return [...counts].map(([answer, count]) => `${count} × ${answer}`).join(', ')
}

/** Runs calls at once; a failed connection is an answer, too. */
export async function allAtOnce(
  count: number,
  call: (index: number) => Promise<string>,
): Promise<string> {
  const answers = await Promise.all(
    Array.from({ length: count }, (_, i) => call(i).catch((error) => `failed: ${error.message}`)),
  )
  return summarize(answers)
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
