import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'

/** A file to read. */
export interface HashJob {
  id: number
  path: string
}

/** Its SHA-256 in hexadecimal digits, or why it cannot be read. */
export type HashResult = { id: number; digest: string } | { id: number; error: string }

const piece = Buffer.allocUnsafeSlow(256 * 1024)

parentPort?.on('message', ({ id, path }: HashJob) => {
  parentPort?.postMessage(hashed(id, path))
})

function hashed(id: number, path: string): HashResult {
  try {
    return { id, digest: hashOf(path) }
  } catch (error) {
    return { id, error: (error as Error).message }
  }
}

/** Nothing else is done in this thread, so it waits for the disk. */
function hashOf(path: string): string {
  const hash = createHash('sha256')
  const file = openSync(path, 'r')
  try {
    for (let read = readSync(file, piece); read > 0; read = readSync(file, piece)) {
      hash.update(piece.subarray(0, read))
    }
  } finally {
    closeSync(file)
  }
  return hash.digest('hex')
}
