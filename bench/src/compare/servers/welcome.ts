import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { encodeSyncStep1, encodeSyncStep2 } from '@mindfuse/protocol'
import { listenExclusively, loadUWebSockets } from '@mindfuse/realtime/uws'
import { announce } from './announce.ts'

/**
 * The least that admitting a client takes: uWebSockets.js, one Ed25519 signature that is checked in
 * the thread pool, and the frames of y-protocols by which both sides learn that nothing is lacking. Of
 * rights, sessions, boards and presence it knows nothing, and keeps nothing.
 */
const TOKEN_BYTES = 400
const STEP_1 = encodeSyncStep1(Uint8Array.of(0))
const STEP_2 = encodeSyncStep2(Uint8Array.of(0, 0))

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const token = Buffer.alloc(TOKEN_BYTES, 'token')
const signature = sign(null, token, privateKey)

const uws = loadUWebSockets()
const app = uws.App().ws('/*', {
  compression: uws.DISABLED,
  idleTimeout: 60,
  upgrade(response, request, context) {
    const key = request.getHeader('sec-websocket-key')
    const protocol = request.getHeader('sec-websocket-protocol')
    const extensions = request.getHeader('sec-websocket-extensions')
    let isAborted = false
    response.onAborted(() => {
      isAborted = true
    })
    verify(null, token, publicKey, signature, (_, isGenuine) => {
      if (isAborted || !isGenuine) return
      response.cork(() => response.upgrade({}, key, protocol, extensions, context))
    })
  },
  open(socket) {
    socket.send(STEP_1, true)
  },
  message(socket, message) {
    const [, step] = new Uint8Array(message)
    if (step === 0) socket.send(STEP_2, true)
  },
})
const listenSocket = listenExclusively(uws, app, { host: '127.0.0.1', port: 0 })
if (!listenSocket) throw new Error('no port is free')
announce(uws.us_socket_local_port(listenSocket))
