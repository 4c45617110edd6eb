import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

/** Opcodes of frames (RFC 6455, section 5.2). */
export const OPCODES = { TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const

const NO_STATUS = 1005
const ABNORMAL = 1006
const HEAD_END = '\r\n\r\n'

/** A WebSocket as bytes, for more sockets and frames than a real client could make. */
export interface BareSocket {
  /** Sends bytes, usually frames of {@link encodeClientFrame}. */
  write(bytes: Buffer): void
  /** Resolves with the close code once the other end has gone; 1006 where it named none. */
  closed: Promise<number>
  destroy(): void
}

/** Writes a frame as a client does. The mask is of zeros, which leaves the payload as it is. */
export function encodeClientFrame(opcode: number, payload: Uint8Array): Buffer {
  const length = payload.length
  const extended = length < 126 ? 0 : length < 2 ** 16 ? 2 : 8
  const head = Buffer.alloc(2 + extended + 4)
  head[0] = 0x80 | opcode
  head[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127)
  if (extended === 2) head.writeUInt16BE(length, 2)
  if (extended === 8) head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head, payload])
}

/**
 * Opens a socket. `onFrame` is called with each frame of the server.
 * @throws Error with the status line where the server answers anything but an upgrade
 */
export function openBareSocket(
  url: string,
  options: { protocols?: string[]; onFrame: (opcode: number, payload: Buffer) => void },
): Promise<BareSocket> {
  const { hostname, port, pathname, search } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  const head = [
    `GET ${pathname}${search} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(options.protocols ? [`Sec-WebSocket-Protocol: ${options.protocols.join(', ')}`] : []),
  ]
  socket.write(head.join('\r\n') + HEAD_END)

  return new Promise((resolve, reject) => {
    let pending: Buffer = Buffer.alloc(0)
    let isOpen = false
    let code: number = ABNORMAL
    const closed = new Promise<number>((end) => socket.once('close', () => end(code)))

    const readHead = () => {
      const end = pending.indexOf(HEAD_END)
      if (end < 0) return
      const answer = pending.subarray(0, end).toString()
      pending = pending.subarray(end + HEAD_END.length)
      isOpen = answer.startsWith('HTTP/1.1 101 ')
      if (isOpen) resolve({ write: (bytes) => void socket.write(bytes), closed, destroy })
      else {
        reject(new Error(answer.split('\r\n')[0]))
        destroy()
      }
    }
    const readFrames = () => {
      for (let frame = readFrame(pending); frame; frame = readFrame(pending)) {
        pending = pending.subarray(frame.end)
        if (frame.opcode === OPCODES.CLOSE) {
          code = frame.payload.length < 2 ? NO_STATUS : frame.payload.readUInt16BE()
          socket.end()
        } else options.onFrame(frame.opcode, frame.payload)
      }
    }
    const destroy = () => void socket.destroy()

    socket.on('data', (chunk) => {
      pending = pending.length > 0 ? Buffer.concat([pending, chunk]) : chunk
      if (!isOpen) readHead()
      if (isOpen) readFrames()
    })
    // After a reset, 'close' follows and says 1006.
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('closed before the upgrade')))
  })
}

/** Reads the first frame of a server, which masks nothing; undefined while it is not whole. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; end: number } | undefined {
  if (bytes.length < 2) return undefined
  const short = bytes[1]! & 0x7f
  const start = short < 126 ? 2 : short === 126 ? 4 : 10
  if (bytes.length < start) return undefined
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  const end = start + length
  if (bytes.length < end) return undefined
  return { opcode: bytes[0]! & 0x0f, payload: bytes.subarray(start, end), end }
}
