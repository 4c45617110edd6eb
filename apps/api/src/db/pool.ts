import pg from 'pg'
import { neverConnected } from './away.ts'

type Connected = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void

/**
 * A pool whose errors tell those who got no connection, and so had nothing done, from those whose connection
 * broke. A proxy without a server accepts connections and then resets them, which reads the same.
 */
export class Pool extends pg.Pool {
  override connect(): Promise<pg.PoolClient>
  override connect(callback: Connected): void
  override connect(callback?: Connected): Promise<pg.PoolClient> | undefined {
    if (!callback) {
      return new Promise((resolve, reject) => {
        this.connect((error, client) => (client ? resolve(client) : reject(error)))
      })
    }
    super.connect((error, client, done) => {
      if (error) neverConnected(error)
      callback(error, client, done)
    })
    return undefined
  }
}
