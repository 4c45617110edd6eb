import { Redis } from 'ioredis'

/**
 * A connection that writes what is sent in one turn of the event loop as one, at the end of that turn:
 * a system call costs twice what a command does. ioredis' own pipelining would hold back whatever
 * comes while an answer is on its way.
 */
export class CorkedRedis extends Redis {
  override sendCommand(...args: Parameters<Redis['sendCommand']>): unknown {
    // There is none before the first connection.
    const socket: Redis['stream'] | undefined = this.stream
    if (socket?.writableCorked === 0) {
      socket.cork()
      setImmediate(() => socket.uncork())
    }
    return super.sendCommand(...args)
  }
}
