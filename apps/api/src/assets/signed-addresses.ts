import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { ApiError } from '../http/errors.ts'
import { closedObject } from '../http/fields.ts'
import type { AssetPlace } from './repository.ts'

/** What a key of addresses is derived for, and for nothing else. */
const LABELS = {
  assets: 'mindfuse addresses of assets',
  thumbnails: 'mindfuse addresses of thumbnails',
} as const

/** For how long one file has the same address, milliseconds: as long, a browser's cache hits. */
const SAME_FOR_MS = 7.5 * 60_000

/** Query of a signed address. */
export const signedQuerySchema = closedObject({
  expires: Type.Integer({ minimum: 0, description: 'when it ends, Unix time' }),
  signature: Type.String({ maxLength: 64 }),
})

/** What makes the URL of a file valid without a token. */
export type Signed = Static<typeof signedQuerySchema>

/** Signs addresses, and checks them on every instance of the API. */
export interface AddressSigner {
  /** When addresses end that are signed now: after 7½ to 15 minutes. */
  expiry(): number
  sign(place: AssetPlace, expires: number): Signed
  /** Whether it was signed here, for this file, and has not ended. */
  isValid(place: AssetPlace, signed: Signed): boolean
}

/**
 * @param secrets what all instances share; the first one signs, and each counts
 * @param label of what the addresses are: those of one kind are none of the other
 */
export function createAddressSigner(
  secrets: readonly string[],
  label: keyof typeof LABELS,
): AddressSigner {
  const keys = secrets.map((secret) =>
    Buffer.from(hkdfSync('sha256', secret, '', LABELS[label], 32)),
  )
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

/** The query of the address of a file that ends then. */
export function signedQuery(signer: AddressSigner, place: AssetPlace, expires: number): string {
  const { signature } = signer.sign(place, expires)
  return `${new URLSearchParams({ expires: `${expires}`, signature })}`
}

/** @throws ApiError 403 where the address is invalid or has ended */
export function requireSigned(signer: AddressSigner, place: AssetPlace, signed: Signed): void {
  if (signer.isValid(place, signed)) return
  throw new ApiError(403, 'address_invalid', 'This address has ended; ask for a new one')
}
