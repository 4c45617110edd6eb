import { createHash, randomBytes } from 'node:crypto'

const TOKEN_BYTES = 32

/** A fresh session value: 256 random bits. */
export function newSessionToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/** What the database keeps of a session value: its SHA-256 in hex. */
export function hashSessionToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
