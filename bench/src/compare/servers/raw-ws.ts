import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { announce } from './announce.ts'

/** The obvious first version: the `ws` library sends each message to all others on the board. */
const boards = new Map<string, Set<WebSocket>>()
const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
server.on('connection', (socket, { url = '' }) => {
  const members = boards.get(url) ?? new Set()
  boards.set(url, members.add(socket))
  socket.on('message', (message, isBinary) => {
    for (const member of members) if (member !== socket) member.send(message, { binary: isBinary })
  })
  socket.on('close', () => {
    members.delete(socket)
    if (members.size === 0) boards.delete(url)
  })
})
server.on('listening', () => announce((server.address() as AddressInfo).port))
