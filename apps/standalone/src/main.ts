import { resolve } from 'node:path'
import { loadConfig, runService } from '@mindfuse/service-kit'
import { standaloneConfigSchema } from './config.ts'
import { startStandalone } from './standalone.ts'

await runService(async () => {
  const config = loadConfig(standaloneConfigSchema, process.env)
  const mindfuse = await startStandalone(config)
  const { apiUrl, realtimeUrl, identityUrl } = mindfuse
  process.stdout.write(
    `
  Mindfuse is ready.

    Open       ${apiUrl}

    API        ${apiUrl}
    Gateway    ${realtimeUrl}
    Sign-in    ${identityUrl} (local stand-in for Google, accepts any email)
    Data       ${resolve(config.DATA_DIR)}

  Sign in    curl -sL -c jar -b jar -H 'Accept: application/json' \\
               '${apiUrl}/api/auth/google?login_hint=ada@example.com'

  Press Ctrl-C to stop. Set LOG_LEVEL=info to see what happens.

`,
  )
  return {
    ...mindfuse,
    async stop() {
      await mindfuse.stop()
      process.stdout.write('\n  Mindfuse has stopped. Everything is saved.\n')
    },
  }
})
