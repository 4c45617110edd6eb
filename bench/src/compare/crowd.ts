import { BareSocket, encodeClientFrame } from '@mindfuse/testing'
import { scanAwareness, scanUpdate } from './scan.ts'
import type { Layout, Running } from './targets.ts'
import { EMPTY_STEP_2, join } from './targets.ts'

const SYNC = 0
const AWARENESS = 1
/** What Hocuspocus answers a step 1 with. */
const SYNC_REPLY = 4
const STEP_1 = 0
const STEP_2 = 1

/** So many connect at a time: more would measure the queue of the listening socket. */
const CONNECTING_AT_ONCE = 50

/** From so many ports of an address at most: Linux has 28,000, and some are still in use. */
const CONNECTIONS_PER_ADDRESS = 10_000

const CONNECT_TIMEOUT_MS = 60_000

/** How often a client tries to connect, as clients do when a server is busy. */
const MAX_ATTEMPTS = 3

/** Receives the states and edits in each message, one person's at a time, by their numbers. */
export interface Observer {
  /** @param atMs when it came, as `performance.now()` has it */
  see(kind: ItemKind, reader: number, person: number, from: number, to: number, atMs: number): void
}

export type ItemKind = 'cursor' | 'edit'

/** The connections of all people. */
export class Crowd {
  readonly #running: Running
  readonly #sockets: (BareSocket | undefined)[] = []
  /** Records what readers receive; none at first. */
  observer: Observer | undefined
  /** Messages received, text included. */
  messages = 0
  /** Connections that ended by themselves or went wrong, and how the first did. */
  lost = 0
  firstLoss: Error | undefined

  private constructor(running: Running) {
    this.#running = running
  }

  /**
   * Connects all people; where a server syncs, they are in sync when it resolves.
   * @param progress called when a connection is retried
   */
  static async connect(
    running: Running,
    { boards, perBoard }: Layout,
    progress: (text: string) => void,
  ): Promise<Crowd> {
    const crowd = new Crowd(running)
    const people = boards * perBoard
    let next = 0
    const connectSome = async () => {
      while (next < people) await crowd.#connect(next++, progress)
    }
    try {
      await Promise.all(Array.from({ length: CONNECTING_AT_ONCE }, connectSome))
      return crowd
    } catch (error) {
      crowd.disconnect()
      throw error
    }
  }

  /** Sends a frame of y-protocols as a person. */
  send(person: number, frame: Uint8Array): void {
    this.#sockets[person]?.write(encodeClientFrame(join(this.#running.prefixOf(person), frame)))
  }

  disconnect(): void {
    for (const socket of this.#sockets) socket?.destroy()
  }

  async #connect(person: number, progress: (text: string) => void): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#open(person)
      } catch (error) {
        if (attempt === MAX_ATTEMPTS) throw error
        progress(`person ${person} tries again: ${(error as Error).message.split('\r\n')[0]}`)
      }
    }
  }

  async #open(person: number): Promise<void> {
    const { answersSync } = this.#running
    const { url, protocols = [] } = await this.#running.addressOf(person)
    const prefixLength = this.#running.prefixOf(person).length
    const from = `127.0.0.${2 + Math.floor(person / CONNECTIONS_PER_ADDRESS)}`
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`connection ${person} is not ready after ${CONNECT_TIMEOUT_MS} ms`))
      }, CONNECT_TIMEOUT_MS)
      let isReady = false
      const ready = () => {
        isReady = true
        clearTimeout(timer)
        resolve()
      }
      const socket = new BareSocket(url, {
        protocols,
        from,
        onOpen: () => {
          for (const greeting of this.#running.greetings(person)) {
            socket.write(encodeClientFrame(greeting))
          }
          if (!answersSync) ready()
        },
        onMessage: (buffer, start, _end, isText) => {
          this.messages++
          if (isText) return
          if (this.#read(person, buffer, start + prefixLength)) ready()
        },
        onLost: (error) => {
          if (isReady) this.#lose(error)
          clearTimeout(timer)
          reject(error)
        },
      })
      this.#sockets[person] = socket
    })
  }

  #lose(error: Error): void {
    this.lost++
    this.firstLoss ??= error
  }

  /** @returns whether it was a sync step 2 */
  #read(reader: number, buffer: Buffer, at: number): boolean {
    const message = buffer[at]
    if (message === AWARENESS) {
      this.#observe('cursor', reader, buffer, at + 1)
      return false
    }
    if (message !== SYNC && message !== SYNC_REPLY) return false
    const step = buffer[at + 1]
    if (step === STEP_1) {
      // At the start there are no edits. Later this means that the server lacks some of theirs.
      if (this.observer) this.#lose(new Error('the server asks for what it missed'))
      this.send(reader, EMPTY_STEP_2)
      return false
    }
    this.#observe('edit', reader, buffer, at + 2)
    return step === STEP_2
  }

  #observe(kind: ItemKind, reader: number, buffer: Buffer, start: number): void {
    const { observer } = this
    if (!observer) return
    const atMs = performance.now()
    const scan = kind === 'cursor' ? scanAwareness : scanUpdate
    scan(buffer, start, (person, from, to) => observer.see(kind, reader, person, from, to, atMs))
  }
}
