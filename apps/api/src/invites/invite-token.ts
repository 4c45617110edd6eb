import { createHash, randomBytes } from 'node:crypto'

const TOKEN_BYTES = 32

/** A fresh token for a link: 256 random bits. */
export function newInviteToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/**
 * What the database keeps of a token and looks it up by: its SHA-256 in hex. How long the lookup
 * takes tells something of the hash only, and an attacker cannot choose that.
 */
export function hashInviteToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}
