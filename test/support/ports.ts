import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const HOST = '127.0.0.1'

/** Below what systems hand out to outgoing connections. */
const FIRST = 15_000
const LAST = 32_000

/**
 * A free port for a server that a test stops and starts again. One that the system picks may be
 * an outgoing connection's by the time the server comes back.
 */
export async function pickPort(): Promise<number> {
  for (;;) {
    const port = randomInt(FIRST, LAST)
    const probe = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false))
      probe.listen(port, HOST, () => probe.close(() => resolve(true)))
    })
    if (isFree) return port
  }
}
