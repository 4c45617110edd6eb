import { createLogger, loadConfig, runService } from '@mindfuse/service-kit'
import { Type } from 'typebox'
import { apiConfigSchema } from '../config.ts'
import { openDatabase } from '../db/database.ts'
import { ACCESS_TOKEN_TTL_SECONDS } from './access-tokens.ts'
import { rotateSigningKeys } from './signing-keys.ts'

/** Longer than anybody keeps the public keys, so that all know the new one when it signs. */
const ACTIVATION_DELAY_SECONDS = 15 * 60

// npm run keys:rotate
await runService(async () => {
  const config = loadConfig(Type.Pick(apiConfigSchema, ['DATABASE_URL', 'LOG_LEVEL']), process.env)
  const log = createLogger({ service: 'rotate-keys', level: config.LOG_LEVEL })
  const { db, close } = openDatabase({
    url: config.DATABASE_URL,
    poolSize: 1,
    onError: (error) => log.error({ err: error }, 'database connection failed'),
  })
  try {
    const { kid, activatesAt } = await rotateSigningKeys(db, {
      delaySeconds: ACTIVATION_DELAY_SECONDS,
      tokenTtlSeconds: ACCESS_TOKEN_TTL_SECONDS * 2,
    })
    log.info({ kid, activatesAt }, 'new signing key made')
  } finally {
    await close()
  }
  return { stop: async () => undefined }
})
