import { expect, test, vi } from 'vitest'
import type { WebSocketConstructor } from '../environment.ts'
import { GatewaySocket, type SocketEnd } from './socket.ts'

const HELLO = { type: 'hello', heartbeatSeconds: 30, role: 'editor' }

/** A socket to a gateway that a test speaks for. */
function connected(ready: Promise<void>) {
  const peer = {
    readyState: 1,
    bufferedAmount: 0,
    onmessage: null as ((event: { data: unknown }) => void) | null,
    onclose: null as ((event: { code: number }) => void) | null,
    close: vi.fn(),
    send: vi.fn(),
  }
  const seen: string[] = []
  const socket = new GatewaySocket({
    url: 'ws://localhost/ws/board',
    accessToken: 'token',
    WebSocket: function Peer() {
      return peer
    } as unknown as WebSocketConstructor,
    maxHeartbeatSeconds: 60,
    ready,
    events: {
      hello: ({ type }: { type: string }) => seen.push(type),
      message: ({ type }: { type: string }) => seen.push(type),
      ended: ({ code }: SocketEnd) => seen.push(`ended ${code}`),
    } as never,
  })
  return {
    socket,
    seen,
    says: (message: object) => peer.onmessage?.({ data: JSON.stringify(message) }),
    closes: (code: number) => peer.onclose?.({ code }),
  }
}

test('what arrives before the client is ready is received then, in its order', async () => {
  let begin = (): void => undefined
  const { socket, seen, says } = connected(new Promise((resolve) => (begin = resolve)))
  says(HELLO)
  says({ type: 'presence:sync', users: [] })
  await Promise.resolve()
  expect(seen).toEqual([])
  begin()
  await vi.waitFor(() => expect(seen).toEqual(['hello', 'presence:sync']))
  says({ type: 'storage', state: 'delayed' })
  expect(seen.at(-1)).toBe('storage')
  socket.close()
})

test.each([
  ['ends', ['ended 4001']],
  ['is given up', []],
])(
  'nothing is received of a connection that %s before the client is ready',
  async (how, expected) => {
    let begin = (): void => undefined
    const ready = new Promise<void>((resolve) => (begin = resolve))
    const { socket, seen, says, closes } = connected(ready)
    says(HELLO)
    if (how === 'ends') closes(4001)
    else socket.close()
    begin()
    await ready
    await Promise.resolve()
    expect(seen).toEqual(expected)
  },
)
