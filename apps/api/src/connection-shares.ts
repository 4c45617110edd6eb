/**
 * What connections are for. Each purpose has a pool of its own and waits for no other: a flood of
 * requests must not delay what gateways need, a removal, or the event that makes it take effect.
 */
export const PURPOSES = ['requests', 'urgent', 'internal', 'publishing'] as const

/** One of {@link PURPOSES}. */
export type Purpose = (typeof PURPOSES)[number]

/** Of all connections, those for what takes rights from people, authentication included. */
const URGENT_SHARE = 1 / 5

/** Of all connections, those for gateways, health checks and metrics. */
const INTERNAL_SHARE = 1 / 4

/** One publisher runs at a time. */
const PUBLISHING = 1

/** Fewest connections of an API: one for each purpose. */
export const MIN_CONNECTIONS = PURPOSES.length

/** Divides an API's connections among what they are for. */
export function shareConnections(total: number): Record<Purpose, number> {
  const urgent = Math.max(1, Math.floor(total * URGENT_SHARE))
  const internal = Math.max(1, Math.floor(total * INTERNAL_SHARE))
  const requests = Math.max(1, total - urgent - internal - PUBLISHING)
  return { requests, urgent, internal, publishing: PUBLISHING }
}
