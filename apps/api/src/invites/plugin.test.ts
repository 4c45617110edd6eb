import { createLogger } from '@mindfuse/service-kit'
import type { FastifyRequest } from 'fastify'
import {
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import { expect, test } from 'vitest'
import { createHttpApp } from '../http/app.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { newInviteToken } from './invite-token.ts'
import { invitePlugin } from './plugin.ts'

test('a token reaches no log', async () => {
  let logged = ''
  const log = createLogger(
    { service: 'test', level: 'trace' },
    {
      write(line) {
        logged += line
      },
    },
  )
  // A database in which nothing is found.
  const db = new Kysely({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (kysely) => new PostgresIntrospector(kysely),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  })
  const infrastructure = {
    db,
    transact: () => Promise.reject(new Error('out of order')),
    authenticate: async (request: FastifyRequest) => {
      request.user = {
        id: 'ada',
        kind: 'person',
        email: '',
        name: '',
        hasChosenName: false,
        avatarUrl: null,
        createdAt: '',
        isAdmin: false,
      }
    },
    rateLimit: () => undefined,
    webOrigins: ['http://localhost'],
    internalSecret: 'secret',
  } as unknown as Infrastructure
  const app = await createHttpApp({ log })
  await app.register(invitePlugin, infrastructure)
  const token = newInviteToken()
  expect((await app.inject(`/api/invites/${token}`)).statusCode).toBe(404)
  const accepted = await app.inject({ method: 'POST', url: `/api/invites/${token}/accept` })
  expect(accepted.statusCode).toBe(500)
  // Near misses of the route must not give it away either.
  await app.inject(`/api/invites/${token}/`)
  await app.inject({ method: 'PUT', url: `/api/invites/${token}` })
  await app.close()
  expect(logged).toContain('"route":"/api/invites/:token"')
  expect(logged).toContain('"route":"/api/invites/:token/accept"')
  expect(logged).not.toContain(token)
})
