import {
  CLOSE_CODES,
  decodeFrame,
  encodeSyncStep1,
  encodeSyncStep2,
  encodeUpdate,
} from '@mindfuse/protocol'
import { connectWhiteboard, eventually, type WhiteboardClient } from '@mindfuse/testing'
import { applyUpdate, Doc, encodeStateAsUpdate, encodeStateVector } from 'yjs'

/** Reconnects sooner than a gateway asks, so that a test is short. */
const MAX_RECONNECT_DELAY_MS = 300

/** A `whiteboard.v1` client with a document, which records what is saved and reconnects. */
export class ReconnectingClient {
  readonly doc = new Doc()
  /** Shapes that a `sync:ack` confirmed as saved. */
  readonly saved = new Set<string>()
  /** What each end of a connection was announced with, in milliseconds, if at all. */
  readonly goodbyes: { code: number; retryAfterMs: number | undefined }[] = []
  readonly #options: { realtimeUrl: string; boardId: string; token: string }
  /** The shapes that each edit frame of the connection completes. */
  #frames: string[][] = []
  #drawn: string[] = []
  #client: WhiteboardClient | undefined
  #isDestroyed = false

  constructor(options: { realtimeUrl: string; boardId: string; token: string }) {
    this.#options = options
    this.doc.on('update', (update: Uint8Array, origin) => {
      if (origin !== 'remote') this.#send(encodeUpdate(update), this.#drawn.slice(-1))
    })
    void this.#connect()
  }

  get isConnected(): boolean {
    return this.#client?.socket.readyState === 1
  }

  draw(shape: string): void {
    this.#drawn.push(shape)
    this.doc.getMap('shapes').set(shape, true)
  }

  destroy(): void {
    this.#isDestroyed = true
    this.#client?.destroy()
  }

  #send(frame: Uint8Array, shapes: string[]): void {
    if (!this.isConnected) return
    this.#frames.push(shapes)
    this.#client?.socket.send(frame)
  }

  async #connect(): Promise<void> {
    // A gateway that has stopped for good never admits it, so it gives up once it is destroyed.
    const client = await eventually('the gateway admits it again', async () =>
      this.#isDestroyed ? 'destroyed' : connectWhiteboard(this.#options).catch(() => undefined),
    )
    if (client === 'destroyed') return
    if (this.#isDestroyed) return client.destroy()
    this.#client = client
    this.#frames = []
    const receive = (bytes: Uint8Array) => {
      const frame = decodeFrame(bytes)
      if (frame.kind === 'sync-step-1') {
        const missing = encodeStateAsUpdate(this.doc, frame.stateVector)
        this.#send(encodeSyncStep2(missing), [...this.#drawn])
      } else if (frame.kind === 'sync-step-2' || frame.kind === 'update') {
        applyUpdate(this.doc, frame.update, 'remote')
      }
    }
    for (const frame of client.frames) receive(frame)
    client.socket.on('message', (data, isBinary) => {
      if (isBinary) receive(new Uint8Array(data as Buffer))
      const message = client.messages.at(-1)
      if (isBinary || message?.type !== 'sync:ack') return
      for (const shapes of this.#frames.slice(0, message.saved)) {
        for (const shape of shapes) this.saved.add(shape)
      }
    })
    client.socket.on('close', (code) => {
      if (this.#isDestroyed) return
      const notice = client.messages.find((message) => message.type === 'going-away')
      this.goodbyes.push({ code, retryAfterMs: notice?.retryAfterMs })
      const delay = code === CLOSE_CODES.SERVICE_RESTART ? (notice?.retryAfterMs ?? 0) : 0
      setTimeout(() => void this.#connect(), Math.min(delay, MAX_RECONNECT_DELAY_MS))
    })
    client.socket.send(encodeSyncStep1(encodeStateVector(this.doc)))
  }
}
