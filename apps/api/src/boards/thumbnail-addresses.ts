import type { AssetPlace } from '../assets/repository.ts'
import {
  createAddressSigner,
  requireSigned,
  type Signed,
  signedQuery,
} from '../assets/signed-addresses.ts'
import { type InfrastructureDeps, secretsOf } from '../infrastructure.ts'

/** Addresses of thumbnails, for `<img>`: as those of files, see `AddressSigner`. */
export interface ThumbnailAddresses {
  /** Relative to the API. */
  of(place: AssetPlace): string
  /** @throws ApiError 403 where it is invalid or has ended */
  check(place: AssetPlace, signed: Signed): void
}

/** Those of this API, and of every other instance. */
export function createThumbnailAddresses(
  secrets: Pick<InfrastructureDeps, 'internalSecret' | 'previousInternalSecret'>,
): ThumbnailAddresses {
  const signer = createAddressSigner(secretsOf(secrets), 'thumbnails')
  return {
    of(place) {
      const query = signedQuery(signer, place, signer.expiry())
      return `/api/boards/${place.boardId}/thumbnail/${place.digest}?${query}`
    },
    check: (place, signed) => requireSigned(signer, place, signed),
  }
}
