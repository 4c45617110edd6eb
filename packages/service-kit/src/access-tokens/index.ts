export * from './claims.ts'
export { CLOCK_TOLERANCE_SECONDS, validForMs } from './valid-for.ts'
export { InvalidTokenError, type KeyLookup, verifyAccessToken } from './verify-access-token.ts'
