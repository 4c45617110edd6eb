import pg from 'pg'

/**
 * Of PostgreSQL and of poolers: no connection, too many of them or no memory, a server that starts, stops
 * or recovers.
 */
const AWAY = /^(08|53|57P0[123])/

/** What the operating system says of an address that cannot be reached, at present or at all. */
const UNREACHABLE = /^(ECONN|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EPIPE)/

/** Errors of those who got no connection. */
const unconnected = new WeakSet<Error>()

/** Marks an error as that of a caller that got no connection, whatever its message. */
export function neverConnected(error: Error): void {
  unconnected.add(error)
}

/** Whether the database said, or showed by taking no connection, that it did nothing of what was asked. */
export function isRefused(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return AWAY.test(error.code ?? '')
  return error instanceof Error && unconnected.has(error)
}

/** What the driver says, without a code, of a connection that broke, took too long to be there, or never answered. */
const BROKEN = /^(Connection terminated|Client was closed|timeout expired|Query read timeout)/

/** Whether an error means that the database is not there for now, and not that something is wrong with it. */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if (isRefused(error)) return true
  if (error instanceof pg.DatabaseError) return false
  const { code = '' } = error as { code?: string }
  return UNREACHABLE.test(code) || BROKEN.test(error.message)
}
