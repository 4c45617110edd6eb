import { createLogger } from '@mindfuse/service-kit'
import { expect, test } from 'vitest'
import { createHttpApp } from '../http/app.ts'
import { notFound } from '../http/errors.ts'
import { newInviteToken } from './invite-token.ts'
import { inviteRoutes } from './routes.ts'
import type { InviteService } from './service.ts'

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
  const refuse = () => Promise.reject(notFound('invite'))
  const fail = () => Promise.reject(new Error('out of order'))
  const app = await createHttpApp({ log, trustedProxies: 0 })
  await app.register(inviteRoutes, {
    auth: {
      authenticate: async (request) => {
        request.user = { id: 'ada', email: '', name: '', avatarUrl: null, createdAt: '' }
      },
    },
    rateLimit: async () => undefined,
    invites: { preview: refuse, accept: fail } as unknown as InviteService,
  })
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
