export { identityConfigSchema } from './identity/config.ts'
export { personOf } from './identity/person.ts'
export {
  type IdentityProvider,
  type IdentityProviderOptions,
  startIdentityProvider,
} from './identity/start-identity-provider.ts'
export { type DirectoryLock, lockDirectory } from './lock-directory.ts'
export {
  type EmbeddedPostgres,
  type PostgresOptions,
  startPostgres,
} from './postgres/start-postgres.ts'
