import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** What every key begins with, so that people and secret scanners know one when they see it. */
const PREFIX = 'mf_'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Characters of the id that are in the key, of the secret (256 bits), and of the checksum. */
const HINT_LENGTH = 8
const SECRET_LENGTH = 43
const CHECKSUM_LENGTH = 6

const KEY = new RegExp(
  `^${PREFIX}[0-9a-f]{${HINT_LENGTH}}_[0-9A-Za-z]{${SECRET_LENGTH + CHECKSUM_LENGTH}}$`,
)

/** The value of a new key, `mf_<id>_<secret><checksum>`. @param id of its session */
export function newKeyValue(id: string): string {
  const secret = Array.from({ length: SECRET_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)])
  const value = `${keyHint(id)}_${secret.join('')}`
  return value + checksum(value)
}

/** What a key begins with: enough to tell it from others, and no secret. */
export function keyHint(id: string): string {
  return PREFIX + id.slice(0, HINT_LENGTH)
}

/** Whether a value is meant to be a key, and no access token. */
export function looksLikeKey(value: string): boolean {
  return value.startsWith(PREFIX)
}

/** Whether it could be a key of ours: one that is cut short or misspelt is not, and nobody is asked. */
export function isKeyValue(value: string): boolean {
  if (!KEY.test(value)) return false
  return checksum(value.slice(0, -CHECKSUM_LENGTH)) === value.slice(-CHECKSUM_LENGTH)
}

/** CRC-32 in base 62. */
function checksum(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = ALPHABET[rest % ALPHABET.length] + digits
    rest = Math.floor(rest / ALPHABET.length)
  }
  return digits
}
