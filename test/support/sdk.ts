import { isDeepStrictEqual } from 'node:util'
import { type Board, type Client, type ClientOptions, createClient } from '@mindfuse/client'
import { eventually, type SignedIn } from '@mindfuse/testing'
import WebSocket from 'ws'
import type { Stack } from './stack.ts'

/** What the SDK needs on Node 20 and Node 22 alike. */
export const NODE_ENVIRONMENT = {
  WebSocket: WebSocket as unknown as typeof globalThis.WebSocket,
}

/** A client of the SDK for somebody who signed in: its tokens come by their session cookie. */
export function connectSdk(
  { apiUrl, realtimeUrl }: Pick<Stack, 'apiUrl' | 'realtimeUrl'>,
  { browser }: SignedIn,
  options: Partial<ClientOptions> = {},
): Client {
  return createClient({
    apiUrl,
    realtimeUrl,
    getToken: async () => {
      const response = await browser.fetch(`${apiUrl}/api/auth/token`, { method: 'POST' })
      if (!response.ok) throw new Error(`the API answered ${response.status}`)
      return (await response.json()) as { accessToken: string; expiresAt: string }
    },
    ...options,
    environment: { ...NODE_ENVIRONMENT, ...options.environment },
  })
}

/** The board's shapes, as one sees them here. */
export const shapesOf = (board: Board): Record<string, unknown> =>
  board.doc.getMap('shapes').toJSON()

/** Draws a shape. */
export const draw = (board: Board, shape: string, value: unknown = true): unknown =>
  board.doc.getMap('shapes').set(shape, value)

/** Waits until boards show the same shapes, and returns these. */
export async function converged(boards: Board[]): Promise<Record<string, unknown>> {
  const shapes = () => boards.map(shapesOf)
  await eventually('all boards show the same', () => {
    const [first, ...others] = shapes()
    return others.every((other) => isDeepStrictEqual(other, first))
  })
  return shapes()[0] ?? {}
}
