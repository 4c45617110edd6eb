import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { AssetPlace } from './repository.ts'

/** What the key of addresses is derived for, and for nothing else. */
const LABEL = 'mindfuse addresses of assets'

/** For how long one file has the same address, milliseconds: as long, a browser's cache hits. */
const SAME_FOR_MS = 7.5 * 60_000

/** What makes the URL of a file valid without a token. */
export interface Signed {
  /** Unix time, seconds. */
  expires: number
  signature: string
}

/** Signs addresses, and checks them on every instance of the API. */
export interface AddressSigner {
  /** When addresses end that are signed now: after 7½ to 15 minutes. */
  expiry(): number
  sign(place: AssetPlace, expires: number): Signed
  /** Whether it was signed here, for this file, and has not ended. */
  isValid(place: AssetPlace, signed: Signed): boolean
}

/** @param secrets what all instances share; the first one signs, and each counts */
export function createAddressSigner(secrets: readonly string[]): AddressSigner {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', LABEL, 32)))
  const signatures = ({ boardId, digest }: AssetPlace, expires: number) =>
    keys.map((key) =>
      createHmac('sha256', key).update(`${boardId}\n${digest}\n${expires}`).digest(),
    )
  return {
    expiry: () => ((Math.floor(Date.now() / SAME_FOR_MS) + 2) * SAME_FOR_MS) / 1_000,

    sign(place, expires) {
      const [signature] = signatures(place, expires)
      return { expires, signature: signature?.toString('base64url') ?? '' }
    },

    isValid(place, { expires, signature }) {
      const sent = Buffer.from(signature, 'base64url')
      const isSigned = signatures(place, expires).filter(
        (expected) => sent.length === expected.length && timingSafeEqual(sent, expected),
      )
      return isSigned.length > 0 && expires * 1_000 > Date.now()
    },
  }
}
