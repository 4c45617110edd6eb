import { listenExclusively, loadUWebSockets } from '@mindfuse/realtime/uws'
import { announce } from './announce.ts'

/**
 * The wire: uWebSockets.js sending each message to all others on the board, and nothing more. No
 * identity, no rights, no inspection of what it sends, no storage, no other instance.
 */
const uws = loadUWebSockets()
const app = uws.App().ws<{ board: string }>('/*', {
  compression: uws.DISABLED,
  maxPayloadLength: 64 * 1024 * 1024,
  maxBackpressure: 64 * 1024 * 1024,
  idleTimeout: 60,
  upgrade(response, request, context) {
    response.upgrade(
      { board: request.getUrl() },
      request.getHeader('sec-websocket-key'),
      request.getHeader('sec-websocket-protocol'),
      request.getHeader('sec-websocket-extensions'),
      context,
    )
  },
  open(socket) {
    socket.subscribe(socket.getUserData().board)
  },
  message(socket, message, isBinary) {
    socket.publish(socket.getUserData().board, message, isBinary)
  },
})
const listenSocket = listenExclusively(uws, app, { host: '127.0.0.1', port: 0 })
if (!listenSocket) throw new Error('no port is free')
announce(uws.us_socket_local_port(listenSocket))
