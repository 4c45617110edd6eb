import { Server } from '@hocuspocus/server'
import { announce } from './announce.ts'

/** Hocuspocus with its defaults: no extension, so no storage, no authentication, no Redis. */
const server = new Server({ port: 0, address: '127.0.0.1', quiet: true })
await server.listen()
announce(server.address.port)
