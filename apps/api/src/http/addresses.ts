import type { Server } from 'node:http'
import { plainAddress } from '@mindfuse/service-kit'

/** Lets a server that listens on both families name addresses of IPv4 as one that listens on IPv4. */
export function namePlainAddresses(server: Server): void {
  server.on('connection', (socket) => {
    const { remoteAddress } = socket
    if (remoteAddress === undefined) return
    const plain = plainAddress(remoteAddress)
    if (plain !== remoteAddress) Object.defineProperty(socket, 'remoteAddress', { value: plain })
  })
}
