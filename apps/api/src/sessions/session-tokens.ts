import { createHmac, randomBytes } from 'node:crypto'

const TOKEN_BYTES = 32

/** A fresh session value: 256 random bits. */
export function newSessionToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

/** What the next value of a session is made with. */
export function newSalt(): Buffer {
  return randomBytes(TOKEN_BYTES)
}

/**
 * The value that follows another. With the salt, which the database keeps, only a client that has
 * the value before can be given it again: the database alone leads to neither.
 */
export function nextSessionToken(token: string, salt: Buffer): string {
  return createHmac('sha256', token).update(salt).digest('base64url')
}
