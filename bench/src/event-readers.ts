import { connect, type Socket } from 'node:net'

/** How many connections are opened at a time. */
const OPENED_AT_ONCE = 50

/** Marks a change in what readers receive. */
const MARK = /change-(\d+)-/g
const MAX_MARK_LENGTH = 16

/** Many readers of event streams, which take note of when each change reaches them. */
export interface EventReaders {
  /** When a change reached each reader that it reached, milliseconds of `performance.now()`. */
  arrivals(change: number): readonly number[]
  /** Readers whose line is open. */
  readonly open: number
  /** Stops one reader from reading. */
  stallOne(): void
  close(): void
}

/** Opens a stream for each of these headers; resolves once `begins` reached all of them. */
export async function openReaders(options: {
  port: number
  path: string
  headers: readonly string[]
  /** What says that a stream is ready. */
  begins: string
}): Promise<EventReaders> {
  const { port, path, headers, begins } = options
  const arrivals = new Map<number, number[]>()
  const sockets = new Set<Socket>()

  const open = (header: string) =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1')
      let begun = ''
      let rest = ''
      socket.setEncoding('latin1')
      socket.on('error', reject)
      socket.on('close', () => {
        sockets.delete(socket)
        reject(new Error(`a reader was closed: ${begun.slice(0, 300)}`))
      })
      socket.on('data', (piece: string) => {
        if (!sockets.has(socket)) {
          begun += piece
          if (!begun.includes(begins)) return
          sockets.add(socket)
          resolve()
        }
        const text = rest + piece
        let end = 0
        for (const match of text.matchAll(MARK)) {
          const change = Number(match[1])
          const times = arrivals.get(change) ?? []
          arrivals.set(change, times)
          times.push(performance.now())
          end = match.index + match[0].length
        }
        // What is left may be the beginning of a mark.
        rest = text.slice(Math.max(end, text.length - MAX_MARK_LENGTH))
      })
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost:${port}\r\n${header}\r\n\r\n`)
    })

  for (let i = 0; i < headers.length; i += OPENED_AT_ONCE) {
    await Promise.all(headers.slice(i, i + OPENED_AT_ONCE).map(open))
  }
  return {
    arrivals: (change) => arrivals.get(change) ?? [],
    get open() {
      return sockets.size
    },
    stallOne() {
      for (const socket of sockets) {
        socket.pause()
        return
      }
    },
    close() {
      for (const socket of sockets) socket.removeAllListeners('close').destroy()
    },
  }
}
