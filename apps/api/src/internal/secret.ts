import { createHash, timingSafeEqual } from 'node:crypto'
import { INTERNAL_AUTH_SCHEME } from '@mindfuse/internal'

const sha256 = (text: string) => createHash('sha256').update(text).digest()

/**
 * A check of `Authorization: Internal-Secret …` that takes the same time whatever was sent:
 * hashes of equal length are compared, not the secrets, and each of them.
 *
 * @param secrets any of them opens: while one takes the place of another there are two
 */
export function createSecretCheck(
  secrets: readonly string[],
): (authorization: string | undefined) => boolean {
  const expected = secrets.map((secret) => sha256(`${INTERNAL_AUTH_SCHEME} ${secret}`))
  return (authorization) => {
    const sent = sha256(authorization ?? '')
    return expected.filter((hash) => timingSafeEqual(sent, hash)).length > 0
  }
}
