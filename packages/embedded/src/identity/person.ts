import { createHash } from 'node:crypto'

/** No control characters: not every store takes them. */
const EMAIL = /^[^\s\p{Cc}@<>"]+@[^\s\p{Cc}@<>"]+$/u
const MAX_EMAIL_LENGTH = 254
const MAX_NAME_LENGTH = 100

/** The person who signs in, as the claims of an id_token. */
export interface Person {
  /** The same for the same email, on every start. */
  readonly sub: string
  /** In lower case. */
  readonly email: string
  readonly name: string
}

/**
 * The person with this email. Without a name it is read off the email: `ada.lovelace@x` is Ada
 * Lovelace. Undefined where that is no email.
 */
export function personOf(email: string, name: string | null): Person | undefined {
  // Not toLowerCase(), which makes a k of the Kelvin sign: another person's email.
  const address = email.trim().replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  if (address.length > MAX_EMAIL_LENGTH || !EMAIL.test(address)) return undefined
  return {
    sub: createHash('sha256').update(address).digest('hex').slice(0, 32),
    email: address,
    name: cleanName(name ?? '') || nameFromEmail(address),
  }
}

function cleanName(name: string): string {
  return name
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_NAME_LENGTH)
}

function nameFromEmail(email: string): string {
  const [localPart = email] = email.split(/[@+]/)
  const words = localPart.split(/[._-]+/).filter((word) => word !== '')
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ')
  return name.slice(0, MAX_NAME_LENGTH) || email
}
