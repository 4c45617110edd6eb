import { connect } from 'node:net'
import Fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { sendDownload, UPDATE_FILE } from './download.ts'

const MIB = 1024 * 1024

/** Serves a download of 256 MiB; `read` is how much of it was asked for. */
async function serve(stallMs: number) {
  const app = Fastify()
  const state = { read: 0, isClosed: false, port: 0 }
  app.get('/', (_request, reply) => {
    const source = {
      bytes: 256 * MIB,
      async *chunks() {
        for (let i = 0; i < 256; i++) {
          state.read += MIB
          yield new Uint8Array(MIB)
        }
      },
      close: async () => {
        state.isClosed = true
      },
    }
    return sendDownload(reply, source, UPDATE_FILE, 'board', { stallMs })
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => app.close())
  const address = app.server.address()
  state.port = typeof address === 'object' && address ? address.port : 0
  return state
}

function request(port: number) {
  const socket = connect(port, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  onTestFinished(() => void socket.destroy())
  return socket
}

test('a download that is not read is ended, with next to nothing of it in memory', async () => {
  const state = await serve(100)
  const socket = request(state.port)
  socket.pause()
  await expect.poll(() => state.isClosed).toBe(true)
  // What the sockets hold, and one chunk.
  expect(state.read).toBeLessThan(32 * MIB)
})

test('a download that is read slowly arrives as a whole', async () => {
  const state = await serve(1_000)
  let received = 0
  const socket = request(state.port)
  socket.on('data', (bytes) => {
    received += bytes.length
    socket.pause()
    setTimeout(() => socket.resume(), 1)
  })
  await expect.poll(() => state.isClosed).toBe(true)
  await expect.poll(() => received).toBeGreaterThan(256 * MIB)
})
