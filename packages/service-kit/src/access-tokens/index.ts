export * from './claims.ts'
export { validForMs } from './valid-for.ts'
export { InvalidTokenError, type KeyLookup, verifyAccessToken } from './verify-access-token.ts'
