export * from './claims.ts'
export { InvalidTokenError, type KeyLookup, verifyAccessToken } from './verify-access-token.ts'
