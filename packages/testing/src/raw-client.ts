import { decodeFrame } from '@mindfuse/protocol'
import WebSocket from 'ws'
import { eventually } from './eventually.ts'

/** A bare WebSocket that records what it receives. */
export interface RawClient {
  socket: WebSocket
  /** Binary frames, in order. */
  frames: Uint8Array[]
  /** Why edits were refused, as a client without text frames is told. */
  denied(): string[]
  /** How the socket ended, once it has. */
  closed: { code: number; reason: string } | undefined
  /** Waits for the end and returns its code. */
  closeCode(): Promise<number>
  destroy(): void
}

/** An upgrade that was refused: the status and the problem's code. */
export interface Refused {
  status: number
  code: string | undefined
}

/** Opens a socket. @throws {@link Refused} where the server answers anything but an upgrade */
export function connectRaw(
  url: string,
  options: {
    origin?: string
    headers?: Record<string, string>
    protocols?: string[]
    onText?: (text: string) => void
  } = {},
): Promise<RawClient> {
  const socket = new WebSocket(url, options.protocols ?? [], {
    ...(options.origin && { origin: options.origin }),
    ...(options.headers && { headers: options.headers }),
  })
  const client: RawClient = {
    socket,
    frames: [],
    denied: () =>
      client.frames.flatMap((bytes) => {
        const frame = decodeFrame(bytes)
        return frame.kind === 'permission-denied' ? [frame.reason] : []
      }),
    closed: undefined,
    closeCode: async () => (await eventually('the socket is closed', () => client.closed)).code,
    destroy: () => socket.terminate(),
  }
  socket.on('message', (data, isBinary) => {
    if (isBinary) client.frames.push(new Uint8Array(data as Buffer))
    else options.onText?.(data.toString())
  })
  socket.on('close', (code, reason) => {
    client.closed = { code, reason: reason.toString() }
  })
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(client))
    socket.on('error', reject)
    socket.on('unexpected-response', (request, response) => {
      // Node keeps the connection open after the answer, and listens to its errors no longer.
      request.socket?.on('error', () => undefined)
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () => {
        reject({ status: response.statusCode, code: codeOf(body) })
        request.socket?.destroy()
      })
    })
  })
}

/** The code of a gateway's refusal; a proxy's has none. */
function codeOf(body: string): string | undefined {
  try {
    return JSON.parse(body).code
  } catch {
    return undefined
  }
}
