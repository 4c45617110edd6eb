/**
 * `npm run start:identity`: the local identity provider alone, for development. It needs no switch
 * against production: nobody but this machine reaches it, and it sends people nowhere but back to
 * this machine (see {@link startIdentityProvider}).
 */

import { createLogger, loadConfig, runService } from '@mindfuse/service-kit'
import { identityConfigSchema } from './config.ts'
import { startIdentityProvider } from './start-identity-provider.ts'

await runService(async () => {
  const config = loadConfig(identityConfigSchema, process.env)
  const logger = createLogger({ service: 'identity', level: config.LOG_LEVEL })
  const provider = await startIdentityProvider({
    port: config.IDENTITY_PORT,
    log: (line) => logger.error(line),
  })
  const settings = `OIDC_ISSUER=${provider.issuer} GOOGLE_CLIENT_ID=local GOOGLE_CLIENT_SECRET=local`
  logger.info({ issuer: provider.issuer }, `signs in anyone; start the API with ${settings}`)
  return provider
})
