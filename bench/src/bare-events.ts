import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { runService } from '@mindfuse/service-kit'
import Fastify from 'fastify'

/** The least that notifies many readers: a bare Fastify route that writes to all of them. */
await runService(async () => {
  const readers = new Set<ServerResponse>()
  const app = Fastify()
  app.get('/api/events', (_request, reply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write(': hello\n\n')
    readers.add(reply.raw)
    reply.raw.on('close', () => readers.delete(reply.raw))
  })
  app.post('/tell', async (request) => {
    const frame = `data: ${JSON.stringify(request.body)}\n\n`
    for (const reader of readers) reader.write(frame)
    return { told: readers.size }
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`)
  return {
    async stop() {
      for (const reader of readers) reader.destroy()
      await app.close()
    },
  }
})
