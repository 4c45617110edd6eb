import { parseArgs } from 'node:util'
import { createLogger, loadConfig, runService, StartupError } from '@mindfuse/service-kit'
import { Registry } from 'prom-client'
import { Type } from 'typebox'
import { createAdminister } from './admin/acts.ts'
import { createAdminAuditService } from './admin/audit-service.ts'
import { createBoardsService } from './admin/boards-service.ts'
import { adminCommands, HELP } from './admin/commands.ts'
import { createPeopleService } from './admin/people-service.ts'
import { createQuarantineService } from './admin/quarantine-service.ts'
import { createWorkspacesService } from './admin/workspaces-service.ts'
import { createTransact, transactionsOn } from './changes/transact.ts'
import { apiConfigSchema, QUOTA_SETTINGS, quotaLimitsOf, readAdmins } from './config.ts'
import { MIN_CONNECTIONS } from './connection-shares.ts'
import { openDatabase } from './db/database.ts'
import { ApiError } from './http/errors.ts'
import { createQuotas } from './quotas/quotas.ts'
import { createPresentUser } from './users/presenter.ts'

// npm run admin, node apps/api/dist/admin.js
await runService(async () => {
  const { positionals, values } = readArguments()
  const [name = 'help', ...args] = positionals
  const stopped = { stop: async () => undefined }
  if (values.help || name === 'help') {
    process.stdout.write(HELP)
    return stopped
  }
  const schema = Type.Pick(apiConfigSchema, [
    ...(['DATABASE_URL', 'DATABASE_POOLER', 'ADMINS', 'LOG_LEVEL'] as const),
    ...QUOTA_SETTINGS,
  ])
  const config = loadConfig(schema, process.env)
  const log = createLogger({ service: 'admin', level: config.LOG_LEVEL })
  const database = openDatabase({
    url: config.DATABASE_URL,
    poolSize: MIN_CONNECTIONS,
    pooler: config.DATABASE_POOLER,
    onError: (error) => log.error({ err: error }, 'database connection failed'),
  })
  const { db } = database
  const transact = createTransact({
    usual: transactionsOn(database.requests),
    urgent: transactionsOn(database.urgent),
    // Any API publishes what is in the outbox, within a second.
    onCommit: async () => true,
  })
  const administer = createAdminister(transact)
  const quotas = createQuotas({ limits: quotaLimitsOf(config), registry: new Registry() })
  const presentUser = createPresentUser(readAdmins(config.ADMINS))
  const commands = adminCommands({
    people: createPeopleService({ db, presentUser, quotas, administer }),
    boards: createBoardsService({ db, quotas, administer }),
    workspaces: createWorkspacesService({ db, quotas, administer }),
    quarantine: createQuarantineService({ db, administer }),
    audit: createAdminAuditService({ db }),
  })
  try {
    const command = commands.get(name)
    if (!command) throw new StartupError(`there is no command "${name}"\n\n${HELP}`)
    for await (const line of command(args, values)) {
      process.stdout.write(`${JSON.stringify(line)}\n`)
    }
  } catch (error) {
    if (error instanceof ApiError) throw new StartupError(`${error.code}: ${error.message}`)
    throw error
  } finally {
    await database.close()
  }
  return stopped
})

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        reason: { type: 'string' },
        force: { type: 'boolean' },
        boards: { type: 'string' },
        'storage-bytes': { type: 'string' },
        'asset-bytes': { type: 'string' },
      },
    })
  } catch (error) {
    throw new StartupError(`${(error as Error).message}\n\n${HELP}`)
  }
}
