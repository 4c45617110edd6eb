import type { KeyScope } from '@mindfuse/protocol'
import { USER_KINDS, type UserKind } from '@mindfuse/protocol'
import type { FastifyContextConfig, FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import { requireOpenTo } from './open-to.ts'

type OpenTo = FastifyContextConfig['openTo']

const ask = (openTo: OpenTo, kind: UserKind, scopes: KeyScope[] = []) => {
  const request = { user: { kind }, scopes, routeOptions: { config: { openTo } } }
  return () => requireOpenTo(request as unknown as FastifyRequest)
}

test('a route that says nothing is for people alone', () => {
  expect(ask(undefined, 'person')).not.toThrow()
  for (const kind of USER_KINDS) {
    if (kind !== 'person') expect(ask(undefined, kind)).toThrow(/may not|Only people/)
  }
})

test.each<[UserKind, OpenTo]>([
  ['guest', { guests: true }],
  ['app_user', { appUsers: true }],
  ['key', { keys: 'boards:read' }],
])('a route that is open to a %s is open to no other kind', (kind, openTo) => {
  for (const other of USER_KINDS) {
    const isOpen = other === kind || other === 'person'
    const asked = expect(ask(openTo, other, ['boards:read']))
    if (isOpen) asked.not.toThrow()
    else asked.toThrow()
  }
})

test('a key without the scope is told which one it needs', () => {
  expect(ask({ keys: 'members:write' }, 'key', ['boards:write'])).toThrow(
    expect.objectContaining({
      status: 403,
      code: 'scope_required',
      details: { scope: 'members:write' },
    }),
  )
})

test.each<KeyScope>(['boards:write', 'comments:write', 'members:write'])(
  '%s includes reading boards',
  (scope) => {
    expect(ask({ keys: 'boards:read' }, 'key', [scope])).not.toThrow()
  },
)
