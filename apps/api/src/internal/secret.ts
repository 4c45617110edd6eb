import { createHash, timingSafeEqual } from 'node:crypto'
import { INTERNAL_AUTH_SCHEME } from '@mindfuse/protocol'

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/**
 * A check of `Authorization: Internal-Secret …` that takes the same time whatever was sent:
 * hashes of equal length are compared, not the secrets.
 */
export function createSecretCheck(secret: string): (authorization: string | undefined) => boolean {
  const expected = sha256(`${INTERNAL_AUTH_SCHEME} ${secret}`)
  return (authorization) => timingSafeEqual(sha256(authorization ?? ''), expected)
}
