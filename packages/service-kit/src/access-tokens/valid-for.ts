import { CLOCK_TOLERANCE_SECONDS } from '../clock-skew.ts'
import type { AccessTokenClaims } from './claims.ts'

/**
 * How long a token is valid from now on, milliseconds: not for longer where it is 0 or less. To hold it
 * against later, add it to `performance.now()`, which nobody sets.
 */
export function validForMs({ exp }: Pick<AccessTokenClaims, 'exp'>): number {
  return (exp + CLOCK_TOLERANCE_SECONDS) * 1_000 - Date.now()
}

/** Whether a token's time has come. @param nbf the claim "not before", seconds since 1970 */
export function hasBegun(nbf: number): boolean {
  return Date.now() >= (nbf - CLOCK_TOLERANCE_SECONDS) * 1_000
}
