import { Server } from '@hocuspocus/server'

/** Hocuspocus with its defaults: no extension, so no storage, no authentication, no Redis. */
const server = new Server({ port: 0, address: '127.0.0.1', quiet: true })
await server.listen()
process.send?.({ port: server.address.port })
