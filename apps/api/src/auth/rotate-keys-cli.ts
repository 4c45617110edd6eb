import { runDatabaseCli } from '../db/run-cli.ts'
import { ACCESS_TOKEN_TTL_SECONDS } from './access-tokens.ts'
import { rotateSigningKeys } from './signing-keys.ts'

/** Longer than the public keys are cached anywhere, so that all know the new one when it signs. */
const ACTIVATION_DELAY_SECONDS = 15 * 60

// npm run keys:rotate
await runDatabaseCli('rotate-keys', async (db, log) => {
  const { kid, activatesAt } = await rotateSigningKeys(db, {
    delaySeconds: ACTIVATION_DELAY_SECONDS,
    tokenTtlSeconds: ACCESS_TOKEN_TTL_SECONDS * 2,
  })
  log.info({ kid, activatesAt }, 'new signing key made')
})
