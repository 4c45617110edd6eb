import type { AddressInfo } from 'node:net'
import { setupWSConnection } from '@y/websocket-server/utils'
import { WebSocketServer } from 'ws'
import { announce } from './announce.ts'

/** `@y/websocket-server` as its own `server.js` runs it, without persistence, on a free port. */
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
server.on('connection', (socket, request) => setupWSConnection(socket, request))
server.on('listening', () => announce((server.address() as AddressInfo).port))
