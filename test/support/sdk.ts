import { randomUUID } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type Board, type Client, type ClientOptions, createClient } from '@mindfuse/client'
import { eventually, type SignedIn } from '@mindfuse/testing'
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb'
import WebSocket from 'ws'
import type { Stack } from './stack.ts'

/** Where people are, and what they bring of their own. */
export type SdkOptions = Partial<ClientOptions>

/**
 * A client of the SDK for somebody who signed in. It has its own WebSocket, where Node 20 has none,
 * and the cookies of the person's browser.
 */
export function connectSdk(
  { apiUrl, realtimeUrl }: Pick<Stack, 'apiUrl' | 'realtimeUrl'>,
  { browser }: Pick<SignedIn, 'browser'>,
  options: SdkOptions = {},
): Client {
  return createClient({
    apiUrl,
    realtimeUrl,
    ...options,
    environment: {
      WebSocket,
      fetch: (url, init) => browser.fetch(String(url), init),
      ...options.environment,
    },
  })
}

/** An IndexedDB of its own, which clients of one browser share. */
export function createIndexedDb(): any {
  // The SDK takes this one from the platform: it has no state.
  Object.assign(globalThis, { IDBKeyRange })
  return new IDBFactory()
}

/** As much of Web Locks (Node 24 has them) as one lock at a time takes. */
export function createLocks(): any {
  let last: Promise<unknown> = Promise.resolve()
  return {
    request(_name: string, _options: unknown, work: () => Promise<unknown>): Promise<unknown> {
      const result = last.then(work)
      last = result.catch(() => undefined)
      return result
    },
  }
}

/** A WebSocket that counts attempts, how many are on their way at a time, and some messages. */
export function createCountingWebSocket() {
  const counted = { attempts: 0, pending: 0, mostPending: 0, pongs: 0, refreshes: 0, errors: 0 }
  class CountingWebSocket extends WebSocket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols)
      counted.attempts++
      counted.pending++
      counted.mostPending = Math.max(counted.mostPending, counted.pending)
      let isPending = true
      const settle = () => {
        if (isPending) counted.pending--
        isPending = false
      }
      this.once('open', settle)
      this.once('close', settle)
      this.on('message', (data, isBinary) => {
        if (isBinary) return
        const { type } = JSON.parse(data.toString())
        if (type === 'pong') counted.pongs++
        if (type === 'error') counted.errors++
      })
    }

    override send(data: any): void {
      if (String(data).startsWith('{"type":"auth:refresh"')) counted.refreshes++
      super.send(data)
    }
  }
  return { WebSocket: CountingWebSocket, counted }
}

/** The board's shapes on this client. */
export const shapesOf = (board: Board): Record<string, unknown> =>
  board.doc.getMap('shapes').toJSON()

/** Draws a shape under a name of its own. @returns its name */
export function draw(board: Board, shape = randomUUID() as string, value: unknown = true): string {
  board.doc.getMap('shapes').set(shape, value)
  return shape
}

/** Waits until all boards have the same shapes, and returns these. */
export async function converged(
  boards: Board[],
  timeoutMs?: number,
): Promise<Record<string, unknown>> {
  const shapes = () => boards.map(shapesOf)
  const agree = () => {
    const [first, ...others] = shapes()
    return others.every((other) => isDeepStrictEqual(other, first))
  }
  await eventually('all boards have the same shapes', agree, timeoutMs)
  return shapes()[0] ?? {}
}
