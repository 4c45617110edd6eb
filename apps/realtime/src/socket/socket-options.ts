import type { WebSocketBehavior } from 'uWebSockets.js'
import { SEND_BUDGET_BYTES } from '../connection/connection.ts'
import type { UWebSockets } from '../uws.ts'
import { IDLE_TIMEOUT_SECONDS } from './greeting.ts'
import type { SocketData } from './upgrade.ts'

/** What all sockets have in common. */
export function socketOptions(uws: UWebSockets): WebSocketBehavior<SocketData> {
  return {
    compression: uws.DISABLED,
    idleTimeout: IDLE_TIMEOUT_SECONDS,
    // Connection closes at its budget; this is for what exceeds it in a single frame.
    maxBackpressure: 4 * SEND_BUDGET_BYTES,
    closeOnBackpressureLimit: true,
  }
}
