import { sql } from 'kysely'

/**
 * An email as emails are compared: with its ASCII letters in lower case and all else as it is. Other
 * foldings make different letters the same, as `toLowerCase` does of the Kelvin sign and k, and with
 * them different mailboxes.
 */
export function foldEmail(email: string): string {
  return email.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

/** {@link foldEmail} of `users.email`, which has an index. The collation C knows only ASCII letters. */
export const foldedEmail = sql<string>`lower(users.email COLLATE "C")`
