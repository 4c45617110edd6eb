import { BOARD_ROLES, KEY_SCOPES, type KeyScope } from '@mindfuse/protocol'
import type { SignedIn } from '@mindfuse/testing'
import { describe, expect } from 'vitest'
import type { Part } from '../support/cast.ts'
import { newPicture, setThumbnail, upload } from '../support/files.ts'
import { test as base } from '../support/fixtures.ts'
import { openAsGuest } from '../support/guests.ts'
import { fillPath, type Operation, readOperations, responseSchema } from '../support/openapi.ts'
import { type RawAnswer, send } from '../support/send.ts'

type Who = Part | 'workspaceAdmin' | 'administrator' | 'mintingKey' | 'appUser'

/** Who stands below whom, weakest first. Guests of a board are strangers to its workspace. */
const BOARD_LADDER: Who[] = ['viewer', 'commenter', 'editor', 'owner']
const WORKSPACE_LADDER: Who[] = ['workspaceMember', 'workspaceAdmin', 'workspaceOwner']

/** The least that one must be: anyone, any signed-in user, or a step of a ladder. */
type Least = 'anybody' | 'person' | Who

interface Rule {
  least: Least
  /** The scope that a key needs; keys may not use it without one. */
  key?: KeyScope | 'any'
  /** Whether app users may use it, who may not without. */
  appUser?: true
  /** A body that it takes. */
  body?: (scene: Scene) => Record<string, unknown>
  /** Bytes that it takes, where these are no Yjs update. */
  bytes?: Buffer
}

/** The scopes that include another. */
const INCLUDING: Partial<Record<KeyScope, KeyScope[]>> = {
  'boards:read': ['boards:write', 'comments:write', 'members:write'],
}

/** What must be true of each route: who may use it, and a body it takes. */
const RULES: Record<string, Rule> = {
  'GET /api/auth/providers': { least: 'anybody' },
  'GET /api/auth/sign-in': { least: 'anybody' },
  'GET /api/auth/{provider}': { least: 'anybody' },
  'GET /api/auth/{provider}/callback': { least: 'anybody' },
  'GET /.well-known/jwks.json': { least: 'anybody' },
  'POST /api/auth/token': { least: 'anybody' },
  'POST /api/auth/logout': { least: 'anybody' },
  'GET /health': { least: 'anybody' },
  'GET /ready': { least: 'anybody' },
  'GET /api/invites/{token}': { least: 'anybody' },
  'GET /api/links/{token}': { least: 'anybody' },
  'POST /api/links/{token}/open': { least: 'anybody' },

  'POST /api/auth/tokens': {
    least: 'mintingKey',
    key: 'tokens:create',
    body: () => ({ user: { externalId: 'zoe', name: 'Zoë' } }),
  },
  'DELETE /api/workspaces/{workspaceId}/app-users/{externalId}': {
    least: 'workspaceAdmin',
    key: 'members:write',
  },
  'PUT /api/workspaces/{workspaceId}/boards/by-key/{externalKey}': {
    least: 'workspaceMember',
    key: 'boards:write',
    body: () => ({ name: 'Seven' }),
  },
  'PUT /api/boards/{boardId}/members/by-external-id/{externalId}': {
    least: 'owner',
    key: 'members:write',
    body: () => ({ role: 'viewer' }),
  },
  'DELETE /api/boards/{boardId}/members/by-external-id/{externalId}': {
    least: 'owner',
    key: 'members:write',
  },
  'GET /api/auth/sessions': { least: 'person' },
  'DELETE /api/auth/sessions/{sessionId}': { least: 'person' },
  'GET /api/auth/me': { least: 'person', key: 'any', appUser: true },
  'PATCH /api/auth/me': { least: 'person', body: () => ({ name: 'Another Name' }) },
  'GET /api/auth/me/export': { least: 'person' },
  'GET /api/usage': { least: 'person' },
  'DELETE /api/auth/me': { least: 'person' },
  'GET /api/workspaces': { least: 'person' },
  'POST /api/workspaces': { least: 'person', body: () => ({ name: 'New' }) },
  'POST /api/invites/{token}/accept': { least: 'person' },
  'GET /api/memberships': { least: 'person' },
  'POST /api/memberships/{membershipId}/accept': { least: 'person' },
  'POST /api/memberships/{membershipId}/decline': { least: 'person' },

  'GET /api/workspaces/{workspaceId}': { least: 'workspaceMember', key: 'boards:read' },
  'PATCH /api/workspaces/{workspaceId}': {
    least: 'workspaceAdmin',
    body: () => ({ name: 'Other' }),
  },
  'DELETE /api/workspaces/{workspaceId}': { least: 'workspaceOwner' },
  'GET /api/workspaces/{workspaceId}/members': { least: 'workspaceMember' },
  'POST /api/workspaces/{workspaceId}/members': {
    least: 'workspaceAdmin',
    body: () => ({ email: 'stranger@example.com', role: 'member' }),
  },
  'PATCH /api/workspaces/{workspaceId}/members/{userId}': {
    least: 'workspaceAdmin',
    body: () => ({ role: 'admin' }),
  },
  'DELETE /api/workspaces/{workspaceId}/members/{userId}': { least: 'workspaceAdmin' },
  'POST /api/workspaces/{workspaceId}/transfer': {
    least: 'workspaceOwner',
    body: ({ people }) => ({ userId: people.workspaceMember.user.id }),
  },
  'GET /api/workspaces/{workspaceId}/keys': { least: 'workspaceAdmin' },
  'POST /api/workspaces/{workspaceId}/keys': {
    least: 'workspaceAdmin',
    body: () => ({ name: 'Robot', scopes: ['boards:read'] }),
  },
  'DELETE /api/workspaces/{workspaceId}/keys/{keyId}': { least: 'workspaceAdmin' },
  'GET /api/workspaces/{workspaceId}/memberships': { least: 'workspaceAdmin' },
  'DELETE /api/workspaces/{workspaceId}/memberships/{membershipId}': { least: 'workspaceAdmin' },
  'GET /api/workspaces/{workspaceId}/audit': { least: 'workspaceAdmin' },
  'GET /api/workspaces/{workspaceId}/usage': { least: 'workspaceMember', key: 'boards:read' },
  'GET /api/workspaces/{workspaceId}/boards': { least: 'workspaceMember', key: 'boards:read' },
  'POST /api/workspaces/{workspaceId}/boards': {
    least: 'workspaceMember',
    key: 'boards:write',
    body: () => ({ name: 'New' }),
  },
  'POST /api/workspaces/{workspaceId}/broadcast': {
    least: 'workspaceMember',
    key: 'boards:write',
    body: () => ({ event: 'wave', payload: { hand: 1 } }),
  },
  'GET /api/workspaces/{workspaceId}/trash': { least: 'workspaceMember', key: 'boards:read' },

  'GET /api/boards/{boardId}': { least: 'viewer', key: 'boards:read', appUser: true },
  'PATCH /api/boards/{boardId}': {
    least: 'editor',
    key: 'boards:write',
    appUser: true,
    body: () => ({ name: 'Other', thumbnailUrl: null }),
  },
  'DELETE /api/boards/{boardId}': { least: 'owner', key: 'boards:write' },
  'POST /api/boards/{boardId}/restore': { least: 'owner', key: 'boards:write' },
  'DELETE /api/boards/{boardId}/permanently': { least: 'owner', key: 'boards:write' },
  'POST /api/boards/{boardId}/duplicate': {
    // A member of the workspace: a guest has no place to put the copy.
    least: 'workspaceMember',
    key: 'boards:write',
    body: ({ workspaceId }) => ({ name: 'Copy', workspaceId }),
  },
  'POST /api/boards/{boardId}/broadcast': {
    // Until the board says otherwise.
    least: 'viewer',
    key: 'boards:write',
    appUser: true,
    body: () => ({ event: 'wave', payload: { hand: 1 } }),
  },
  'GET /api/boards/{boardId}/document': { least: 'viewer', key: 'boards:read', appUser: true },
  'GET /api/boards/{boardId}/export': { least: 'viewer', key: 'boards:read', appUser: true },
  'POST /api/boards/{boardId}/import': { least: 'editor', key: 'boards:write', appUser: true },
  'PUT /api/boards/{boardId}/assets/{digest}': {
    least: 'editor',
    key: 'boards:write',
    appUser: true,
  },
  'GET /api/boards/{boardId}/assets/{digest}': {
    least: 'viewer',
    key: 'boards:read',
    appUser: true,
  },
  'DELETE /api/boards/{boardId}/assets/{digest}': {
    least: 'editor',
    key: 'boards:write',
    appUser: true,
  },
  'POST /api/boards/{boardId}/assets/urls': {
    least: 'viewer',
    key: 'boards:read',
    appUser: true,
    body: ({ digest }) => ({ digests: [digest] }),
  },
  'GET /api/boards/{boardId}/assets/{digest}/signed': { least: 'anybody' },
  'PUT /api/boards/{boardId}/thumbnail': {
    least: 'editor',
    key: 'boards:write',
    appUser: true,
    bytes: newPicture().bytes,
  },
  'GET /api/boards/{boardId}/thumbnail': { least: 'viewer', key: 'boards:read', appUser: true },
  'DELETE /api/boards/{boardId}/thumbnail': { least: 'editor', key: 'boards:write', appUser: true },
  'GET /api/boards/{boardId}/thumbnail/{digest}': { least: 'anybody' },
  'GET /api/boards/{boardId}/history': { least: 'viewer', key: 'boards:read', appUser: true },
  'GET /api/boards/{boardId}/versions': { least: 'viewer', key: 'boards:read', appUser: true },
  'POST /api/boards/{boardId}/versions': {
    least: 'editor',
    key: 'boards:write',
    appUser: true,
    body: () => ({ name: 'V' }),
  },
  'GET /api/boards/{boardId}/versions/{versionId}': {
    least: 'viewer',
    key: 'boards:read',
    appUser: true,
  },
  'DELETE /api/boards/{boardId}/versions/{versionId}': { least: 'owner', key: 'boards:write' },
  'POST /api/boards/{boardId}/versions/{versionId}/restore': {
    least: 'editor',
    key: 'boards:write',
    appUser: true,
  },
  'POST /api/boards/{boardId}/invite': {
    least: 'editor',
    body: () => ({ role: 'viewer', maxUses: 2, expiresInSeconds: 3_600 }),
  },
  'GET /api/boards/{boardId}/invites': { least: 'editor' },
  'DELETE /api/boards/{boardId}/invites/{inviteId}': { least: 'owner' },
  'POST /api/boards/{boardId}/links': {
    least: 'editor',
    body: () => ({
      role: 'viewer',
      label: 'Workshop',
      password: 'x',
      expiresAt: '2999-01-01T00:00:00Z',
    }),
  },
  'GET /api/boards/{boardId}/links': { least: 'editor' },
  'DELETE /api/boards/{boardId}/links/{linkId}': { least: 'owner' },
  'GET /api/boards/{boardId}/guests': { least: 'owner' },
  'DELETE /api/boards/{boardId}/guests/{userId}': { least: 'owner' },
  'GET /api/boards/{boardId}/members': { least: 'viewer', key: 'members:write' },
  'PUT /api/boards/{boardId}/members/{userId}': {
    least: 'owner',
    key: 'members:write',
    body: () => ({ role: 'editor' }),
  },
  'DELETE /api/boards/{boardId}/members/{userId}': { least: 'owner', key: 'members:write' },

  'GET /api/admin/people': { least: 'administrator' },
  'POST /api/admin/people/{personId}/sign-out': { least: 'administrator', body: () => ({}) },
  'POST /api/admin/people/{personId}/disable': { least: 'administrator', body: () => ({}) },
  'POST /api/admin/people/{personId}/enable': { least: 'administrator', body: () => ({}) },
  'GET /api/admin/people/{personId}': { least: 'administrator' },
  'POST /api/admin/people/{personId}/erase': { least: 'administrator', body: () => ({}) },
  'POST /api/admin/people/{personId}/export': { least: 'administrator', body: () => ({}) },
  'GET /api/admin/boards': { least: 'administrator' },
  'GET /api/admin/boards/{boardId}': { least: 'administrator' },
  'GET /api/admin/boards/{boardId}/connections': { least: 'administrator' },
  'POST /api/admin/boards/{boardId}/move': {
    least: 'administrator',
    body: ({ workspaceId }) => ({ workspaceId }),
  },
  'POST /api/admin/workspaces/{workspaceId}/owner': {
    least: 'administrator',
    body: ({ personId }) => ({ personId }),
  },
  'GET /api/admin/quarantine': { least: 'administrator' },
  'POST /api/admin/boards/{boardId}/requeue': { least: 'administrator', body: () => ({}) },
  'GET /api/admin/workspaces/{workspaceId}/quota': { least: 'administrator' },
  'PUT /api/admin/workspaces/{workspaceId}/quota': { least: 'administrator', body: () => ({}) },
  'GET /api/admin/audit': { least: 'administrator' },
  'GET /api/admin/instances': { least: 'administrator' },
}

/** What guests may use, whose links give them access to the board. */
const FOR_GUESTS = [
  'GET /api/auth/me',
  'PATCH /api/auth/me',
  'GET /api/boards/{boardId}',
  'GET /api/boards/{boardId}/document',
  'GET /api/boards/{boardId}/export',
  'POST /api/boards/{boardId}/broadcast',
  'PUT /api/boards/{boardId}/assets/{digest}',
  'GET /api/boards/{boardId}/assets/{digest}',
  'DELETE /api/boards/{boardId}/assets/{digest}',
  'POST /api/boards/{boardId}/assets/urls',
  'PUT /api/boards/{boardId}/thumbnail',
  'GET /api/boards/{boardId}/thumbnail',
  'DELETE /api/boards/{boardId}/thumbnail',
]

/** A workspace with everybody in their part, and what there is in it. */
interface Scene {
  people: Record<Who, SignedIn>
  workspaceId: string
  boardId: string
  trashedBoardId: string
  inviteId: string
  linkId: string
  /** Guests with a link of each role. */
  guests: Record<'viewer' | 'editor', SignedIn>
  membershipId: string
  versionId: string
  /** Of a file that is on the board. */
  digest: string
  keyId: string
  /** An app user on the board, and what a board could be called. */
  externalId: string
  externalKey: string
  /** The value of a key with each scope. */
  keys: Record<KeyScope, string>
  /** Nobody's part: whom administrators act on. */
  personId: string
  token: string
}

const operations = readOperations()
const secured = operations.filter(({ isSecured }) => isSecured)
const withBody = secured.filter(({ body }) => body)
const lists = secured.filter(({ queryParams }) => queryParams.cursor)
const named = (some: Operation[]) => some.map((operation) => [operation.name, operation] as const)
const isOfAdministrators = ({ path }: Operation) => path.startsWith('/api/admin/')
const isBelow = (area: 'workspaces' | 'boards', { path }: Operation) =>
  path.startsWith(`/api/${area}/{`)

const test = base
  // Each scene makes a workspace.
  .extend('stackOptions', { scope: 'file' }, { quotaLimits: { workspacesPerPerson: 0 } })
  .extend(
    'newScene',
    { scope: 'file' },
    ({ cast, stack, administrator }) =>
      async (workspaceAdmin: SignedIn): Promise<Scene> => {
        const { workspaceOwner, workspaceMember } = cast
        const create = async (path: string, body: object) =>
          (await cast.call(workspaceOwner, 'POST', path, body)).body
        const workspaceId: string = (await create('/api/workspaces', { name: 'Team' })).id
        await stack.database.query(
          `INSERT INTO workspace_members (workspace_id, user_id, role)
     VALUES ($1, $2, 'member'), ($1, $3, 'admin')`,
          [workspaceId, workspaceMember.user.id, workspaceAdmin.user.id],
        )
        const [boardId = '', trashedBoardId = ''] = await Promise.all(
          ['Board', 'Trashed'].map(async (name) => {
            const { id } = await create(`/api/workspaces/${workspaceId}/boards`, { name })
            await stack.database.query(
              `INSERT INTO board_members (board_id, user_id, role)
         VALUES ($1, $2, 'owner'), ($1, $3, 'editor'), ($1, $4, 'commenter'), ($1, $5, 'viewer')`,
              [id, ...BOARD_ROLES.map((role) => cast[role].user.id)],
            )
            return id as string
          }),
        )
        const invite = await create(`/api/boards/${boardId}/invite`, { role: 'viewer' })
        const link = await create(`/api/boards/${boardId}/links`, { role: 'viewer' })
        const drawing = await create(`/api/boards/${boardId}/links`, { role: 'editor' })
        const membership = await create(`/api/workspaces/${workspaceId}/members`, {
          email: cast.stranger.user.email,
        })
        const version = await create(`/api/boards/${boardId}/versions`, { name: 'First' })
        const picture = newPicture()
        await upload(stack, workspaceOwner, boardId, picture)
        await setThumbnail(stack, workspaceOwner, boardId, picture.bytes)
        await cast.call(workspaceOwner, 'DELETE', `/api/boards/${trashedBoardId}`)
        const createKey = (scope: KeyScope) =>
          create(`/api/workspaces/${workspaceId}/keys`, { name: 'Robot', scopes: [scope] })
        const keys = await Promise.all(
          KEY_SCOPES.map(async (scope) => [scope, (await createKey(scope)).key] as const),
        )
        const [spare] = await stack.database.query(
          `INSERT INTO users (oauth_provider, oauth_id, email)
     VALUES ('test', gen_random_uuid(), 'spare@example.com') RETURNING id`,
        )
        const values = Object.fromEntries(keys) as Record<KeyScope, string>
        const mintingKey = { ...cast.stranger, accessToken: values['tokens:create'] }
        const minted = await cast.call(mintingKey, 'POST', '/api/auth/tokens', {
          user: { externalId: 'zoe', name: 'Zoë' },
          boards: { [boardId]: 'editor' },
        })
        const appUser = minted.body as SignedIn
        return {
          people: { ...cast, workspaceAdmin, administrator, mintingKey, appUser },
          workspaceId,
          boardId,
          trashedBoardId,
          inviteId: invite.id,
          linkId: link.id,
          guests: {
            viewer: await openAsGuest(stack, link.token, 'Guest who looks'),
            editor: await openAsGuest(stack, drawing.token, 'Guest who draws'),
          },
          membershipId: membership.id,
          versionId: version.id,
          digest: picture.digest,
          ...{ externalId: 'zoe', externalKey: 'seven' },
          keyId: (await createKey('boards:read')).id,
          keys: values,
          personId: spare.id,
          token: invite.token,
        }
      },
  )
  /** A key with all scopes, of a workspace of its own. */
  .extend('foreignKey', { scope: 'file' }, async ({ cast }) => {
    const { stranger, call } = cast
    const { body } = await call(stranger, 'POST', '/api/workspaces', { name: 'Elsewhere' })
    const path = `/api/workspaces/${body.id}/keys`
    const created = await call(stranger, 'POST', path, { name: 'Robot', scopes: [...KEY_SCOPES] })
    return created.body.key as string
  })
  .extend('scene', { scope: 'file' }, async ({ newScene, person }) => {
    return newScene(await person('workspaceAdmin'))
  })
  /** A scene of its own for what changes something. */
  .extend('sceneFor', ({ newScene, scene }) => async ({ method }: Operation) => {
    return method === 'GET' ? scene : newScene(scene.people.workspaceAdmin)
  })
  /** A call with which nothing is wrong but `changes`. */
  .extend(
    'callAs',
    ({ scene, stack }) =>
      (who: Who, operation: Operation, changes: Changes = {}): Promise<RawAnswer> => {
        const { scene: place = scene, params, query = '', headers } = changes
        const path = fillPath(operation.path, { ...paramsFor(operation, who, place), ...params })
        const body = 'body' in changes ? changes.body : RULES[operation.name]?.body?.(place)
        const { bytesType } = operation
        const bytes = bytesType && (RULES[operation.name]?.bytes ?? EMPTY_UPDATE)
        const rawBody = changes.rawBody ?? bytes
        const type = bytesType ?? 'application/json'
        return send(stack.apiUrl, {
          method: operation.method,
          path: path + query,
          headers: {
            authorization: `Bearer ${(changes.as ?? place.people[who]).accessToken}`,
            ...((rawBody ?? body) !== undefined && { 'content-type': type }),
            ...headers,
          },
          body: rawBody ?? (body === undefined ? undefined : JSON.stringify(body)),
        })
      },
  )
  /** Everything that a request may change, and the outbox. */
  .extend(
    'state',
    { scope: 'file' },
    ({ stack }) =>
      () =>
        stack.database.query(
          `SELECT (SELECT count(*) FROM events) AS events,
              (SELECT count(*) FROM audit_entries) AS audit,
              (SELECT count(*) FROM admin_audit) AS admin_audit,
              (SELECT count(*) FROM idempotency_keys) AS keys,
              (SELECT md5(string_agg(w::text, ' ' ORDER BY id)) FROM workspaces w) AS workspaces,
              (SELECT md5(string_agg(m::text, ' ' ORDER BY m::text)) FROM workspace_members m) AS members,
              (SELECT md5(string_agg(b::text, ' ' ORDER BY id)) FROM boards b) AS boards,
              (SELECT md5(string_agg(m::text, ' ' ORDER BY m::text)) FROM board_members m) AS guests,
              (SELECT md5(string_agg(v::text, ' ' ORDER BY id)) FROM board_versions v) AS versions,
              (SELECT md5(string_agg(d::text, ' ' ORDER BY board_id)) FROM board_documents d)
                AS documents,
              (SELECT md5(string_agg(a::text, ' ' ORDER BY id)) FROM assets a) AS assets,
              (SELECT md5(string_agg(f::text, ' ' ORDER BY f::text)) FROM board_assets f)
                AS board_assets,
              (SELECT md5(string_agg(t::text, ' ' ORDER BY board_id)) FROM board_thumbnails t)
                AS thumbnails,
              (SELECT md5(string_agg(p::text, ' ' ORDER BY id)) FROM pending_memberships p)
                AS memberships,
              (SELECT md5(string_agg(l::text, ' ' ORDER BY id)) FROM board_links l) AS links,
              (SELECT md5(string_agg(g::text, ' ' ORDER BY id)) FROM link_grants g) AS link_grants,
              (SELECT md5(string_agg(i::text, ' ' ORDER BY id)) FROM board_invites i) AS invites`,
        ),
  )

/** The path's parameters for a call of one person about another. */
function paramsFor(operation: Operation, who: Who, { people, guests, keys: _, ...ids }: Scene) {
  const isOfTrash = /\{boardId\}\/(restore|permanently)$/.test(operation.path)
  const other: Who = isBelow('boards', operation)
    ? who === 'viewer'
      ? 'editor'
      : 'viewer'
    : who === 'workspaceMember'
      ? 'workspaceAdmin'
      : 'workspaceMember'
  return {
    ...ids,
    boardId: isOfTrash ? ids.trashedBoardId : ids.boardId,
    userId: operation.path.includes('/guests/') ? guests.viewer.user.id : people[other].user.id,
    sessionId: crypto.randomUUID(),
  }
}

interface Changes {
  /** A person without any part. */
  as?: SignedIn
  scene?: Scene
  params?: Record<string, string>
  query?: string
  body?: unknown
  rawBody?: string | Buffer
  headers?: Record<string, string>
}

/** A Yjs update that says nothing. */
const EMPTY_UPDATE = Buffer.of(0, 0)

function isEnough(scope: KeyScope, needed: KeyScope | undefined): boolean {
  if (needed === undefined) return false
  return scope === needed || (INCLUDING[needed]?.includes(scope) ?? false)
}

function expectProblem(answer: RawAnswer, status: number, pointer?: string): void {
  expect(answer, answer.text).toMatchObject({ status })
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/)
  const problem = JSON.parse(answer.text)
  expect(problem).toMatchObject({
    type: `urn:mindfuse:problem:${problem.code}`,
    title: expect.stringMatching(/./),
    status,
    code: expect.stringMatching(/^[a-z_]+$/),
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
  })
  if (pointer === undefined) return
  expect(problem.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer)
}

const goodBody = ({ name }: Operation, scene: Scene) => RULES[name]?.body?.(scene) ?? {}

/** A caller who gets as far as a route lets anyone get. */
const strongest = (operation: Operation): Who =>
  isOfAdministrators(operation)
    ? 'administrator'
    : RULES[operation.name]?.least === 'mintingKey'
      ? 'mintingKey'
      : isBelow('boards', operation)
        ? 'workspaceMember'
        : 'workspaceOwner'

test('the description says which scope a key needs', () => {
  const described = operations.map(({ name, keyScope }) => [name, keyScope])
  expect(Object.fromEntries(described)).toEqual(
    Object.fromEntries(operations.map(({ name }) => [name, RULES[name]?.key])),
  )
})

test('the rules know every route, and the description says which want a token', () => {
  expect(Object.keys(RULES).sort()).toEqual(operations.map(({ name }) => name).sort())
  const wantToken = operations.filter(({ name }) => RULES[name]?.least !== 'anybody')
  expect(secured.map(({ name }) => name)).toEqual(wantToken.map(({ name }) => name))
  expect(withBody.map(({ name }) => name)).toEqual(
    secured.filter(({ name }) => RULES[name]?.body).map(({ name }) => name),
  )
})

describe('a refused request changes nothing:', () => {
  let before: unknown
  test.beforeAll(async ({ state, scene: _, foreignKey: _key }) => {
    before = await state()
  })
  test.afterAll(async ({ state }) => expect(await state()).toEqual(before))

  test.for(named(secured))(
    '%s without a token that counts is a 401',
    async ([_, operation], { scene, callAs }) => {
      const [, payload] = scene.people.workspaceOwner.accessToken.split('.')
      const tokens = ['', 'Bearer', 'Bearer garbage', `Bearer e30.${payload}.e30`, 'Basic YTpi']
      for (const authorization of tokens) {
        const answer = await callAs('workspaceOwner', operation, { headers: { authorization } })
        expectProblem(answer, 401)
        expect(answer.headers['www-authenticate']).toBe('Bearer')
      }
    },
  )

  test.for(named(secured.filter(({ name }) => !FOR_GUESTS.includes(name))))(
    '%s by a guest is a 403',
    async ([_, operation], { callAs, scene }) => {
      for (const guest of Object.values(scene.guests)) {
        expectProblem(await callAs('stranger', operation, { as: guest }), 403)
      }
    },
  )

  const below = secured.filter((o) => isBelow('workspaces', o) || isBelow('boards', o))
  test.for(named(below))('%s by a stranger is a 404', async ([_, operation], { callAs }) => {
    expectProblem(await callAs('stranger', operation), 404)
    if (isBelow('boards', operation)) return
    for (const guest of BOARD_LADDER) expectProblem(await callAs(guest, operation), 404)
  })

  const tooSmall = secured.flatMap((operation) => {
    const least = RULES[operation.name]?.least as Who
    const isOnBoard = isBelow('boards', operation)
    // A member of a workspace sees its boards and counts as an editor at least.
    const ladder = isOnBoard && WORKSPACE_LADDER.includes(least) ? BOARD_LADDER : undefined
    const steps = ladder ?? [BOARD_LADDER, WORKSPACE_LADDER].find((l) => l.includes(least)) ?? []
    const smaller = ladder ?? steps.slice(0, steps.indexOf(least))
    return smaller.map((who) => [operation.name, who, operation] as const)
  })
  test.for(named(secured.filter(isOfAdministrators)))(
    '%s by anyone but an administrator is a 403',
    async ([_, operation], { callAs }) => {
      for (const who of [...BOARD_LADDER, ...WORKSPACE_LADDER, 'stranger'] as const) {
        expectProblem(await callAs(who, operation), 403)
      }
      // Nor do they learn what it takes.
      expectProblem(await callAs('workspaceOwner', operation, { query: '?unexpected=1' }), 403)
    },
  )

  const scopesOf = KEY_SCOPES.flatMap((scope) =>
    secured.map((operation) => [operation.name, scope, operation] as const),
  )
  test.for(
    scopesOf.filter(([name, scope]) => {
      const needed = RULES[name]?.key
      return needed !== 'any' && !isEnough(scope, needed)
    }),
  )('%s by a key with %s is a 403', async ([name, scope, operation], { scene, callAs }) => {
    const headers = { authorization: `Bearer ${scene.keys[scope]}` }
    const answer = await callAs('workspaceOwner', operation, { headers })
    expectProblem(answer, 403)
    const needed = RULES[name]?.key
    const expected = needed
      ? { code: 'scope_required', details: { scope: needed } }
      : { code: 'forbidden' }
    expect(JSON.parse(answer.text)).toMatchObject(expected)
  })

  const notForAppUsers = secured.filter(({ name }) => !RULES[name]?.appUser)
  test.for(named(notForAppUsers))('%s by an app user is a 403', async ([_, o], { callAs }) => {
    expectProblem(await callAs('appUser', o), 403)
  })

  test.for(named(below))(
    '%s by a key of another workspace is no success',
    async ([_, o], { callAs, foreignKey }) => {
      const headers = { authorization: `Bearer ${foreignKey}` }
      const { status } = await callAs('workspaceOwner', o, { headers })
      expect(status).toBe(RULES[o.name]?.key ? 404 : 403)
    },
  )

  test.for(tooSmall)('%s by the %s is a 403', async ([_, who, operation], { callAs }) => {
    expectProblem(await callAs(who, operation), 403)
  })

  const withIds = secured.filter(({ pathParams }) =>
    Object.values(pathParams).some(({ format }) => format === 'uuid'),
  )
  test.for(named(withIds))(
    '%s with a malformed id is a 400',
    async ([_, operation], { scene, callAs }) => {
      for (const [name, { format }] of Object.entries(operation.pathParams)) {
        if (format !== 'uuid') continue
        for (const id of [
          'nonsense',
          '1',
          scene.boardId.toUpperCase(),
          `${scene.boardId} `,
          "'--",
        ]) {
          const answer = await callAs(strongest(operation), operation, { params: { [name]: id } })
          expectProblem(answer, 400, `/params/${name}`)
        }
      }
    },
  )

  test.for(named(secured))(
    '%s with an unknown query parameter is a 400',
    async ([_, operation], { callAs }) => {
      const answer = await callAs(strongest(operation), operation, { query: '?unexpected=1' })
      expectProblem(answer, 400, '/query/unexpected')
    },
  )

  const withLimit = secured.filter(({ queryParams }) => queryParams.limit)
  test.for(named(withLimit))('%s with a bad limit is a 400', async ([_, operation], { callAs }) => {
    for (const limit of ['0', '-1', '101', '1.5', 'many', '', '1&limit=2', '9e99']) {
      const answer = await callAs(strongest(operation), operation, { query: `?limit=${limit}` })
      expectProblem(answer, 400, '/query/limit')
    }
  })

  test.for(named(lists))(
    '%s with a tampered cursor is a 400',
    async ([_, operation], { callAs }) => {
      const members = secured.find(({ name }) => name.endsWith('/{workspaceId}/members'))!
      const page = await callAs('workspaceOwner', members, { query: '?limit=1' })
      const { nextCursor } = JSON.parse(page.text)
      const position = JSON.parse(Buffer.from(nextCursor, 'base64url').toString())
      const changed = (changes: object) =>
        Buffer.from(JSON.stringify({ ...position, ...changes })).toString('base64url')
      for (const cursor of [
        'nonsense',
        nextCursor.slice(0, -3),
        changed({ id: "' OR 1=1 --" }),
        changed({ after: 17 }),
        changed({ sort: 'password' }),
        'x'.repeat(2_049),
      ]) {
        const answer = await callAs(strongest(operation), operation, { query: `?cursor=${cursor}` })
        expectProblem(answer, 400, '/query/cursor')
      }
    },
  )

  describe.each(named(withBody))('%s', (_, operation) => {
    const who = strongest(operation)

    test('with an unknown field is a 400', async ({ callAs, scene }) => {
      const answer = await callAs(who, operation, {
        body: { ...goodBody(operation, scene), unexpected: 1 },
      })
      expectProblem(answer, 400, '/unexpected')
    })

    // What has no type may be anything.
    const typed = Object.entries(operation.body?.properties ?? {}).filter(
      ([, schema]) => Object.keys(schema).length > 0,
    )
    test.for(typed)(
      'with a %s of another type is a 400',
      async ([field, schema], { callAs, scene }) => {
        const types = (schema.anyOf ?? [schema]).map(({ type }) => type)
        const scalars = [
          ...(types.includes('boolean') ? [] : [true]),
          types.includes('integer') ? '2' : 2,
        ]
        const objects = types.includes('object') ? [] : [{}]
        for (const value of [[], ...objects, 1.5, ['x'], ...scalars]) {
          const answer = await callAs(who, operation, {
            body: { ...goodBody(operation, scene), [field]: value },
          })
          const isItem = types.includes('array') && Array.isArray(value) && value.length > 0
          expectProblem(answer, 400, isItem ? `/${field}/0` : `/${field}`)
        }
      },
    )

    test.for(operation.body?.required ?? [])(
      'without its %s is a 400',
      async (field, { scene, callAs }) => {
        const { [field]: _, ...rest } = goodBody(operation, scene)
        expectProblem(await callAs(who, operation, { body: rest }), 400, `/${field}`)
      },
    )

    test('with a body that is no object, or no JSON, is a 400', async ({ callAs }) => {
      for (const rawBody of ['[]', 'null', '"text"', '17', '{', '{"name":', '', '\u0000']) {
        expectProblem(await callAs(who, operation, { rawBody }), 400)
      }
    })

    test('with a body of 2 MB is a 413', async ({ scene, callAs }) => {
      const body = { ...goodBody(operation, scene), name: 'x'.repeat(2 * 1024 * 1024) }
      expectProblem(await callAs(who, operation, { body }), 413)
    })

    test('with a body of another content type is a 415', async ({ callAs }) => {
      for (const type of ['text/plain', 'application/xml', 'application/x-www-form-urlencoded']) {
        const answer = await callAs(who, operation, { headers: { 'content-type': type } })
        expectProblem(answer, 415)
      }
    })
  })

  const withoutBody = secured.filter(
    ({ body, bytesType, method }) => !body && !bytesType && method !== 'GET',
  )
  test.for(named(withoutBody))(
    '%s with a body, which it does not take, is a 400',
    async ([_, o], { callAs }) => {
      const who = isOfAdministrators(o) ? 'administrator' : 'viewer'
      expectProblem(await callAs(who, o, { body: { unexpected: 1 } }), 400, '/unexpected')
      expectProblem(await callAs(who, o, { body: [[]] }), 400, '')
    },
  )

  test.for([
    ['a path that cannot be decoded', '/api/boards/%zz', {}, 400],
    ['a path parameter beyond any length', `/api/invites/${'x'.repeat(1_000)}`, {}, 414],
    ['headers beyond any length', '/api/auth/me', { 'x-long': 'x'.repeat(20_000) }, 431],
    ['a route that is none', '/api/nothing', {}, 404],
  ] as const)('%s is refused as anything else', async ([_, path, headers, status], { stack }) => {
    expectProblem(await send(stack.apiUrl, { method: 'GET', path, headers }), status)
  })
})

describe('the least that the rules ask for is enough:', () => {
  test.for(named(secured.filter(({ path }) => path !== '/api/auth/me')))(
    '%s',
    async ([_, o], { sceneFor, callAs }) => {
      const { least } = RULES[o.name]!
      const place = await sceneFor(o)
      const who = least === 'person' ? 'stranger' : (least as Who)
      const { status, text } = await callAs(who, o, { scene: place })
      // The session it revokes is nobody's.
      if (o.path.endsWith('/{sessionId}')) expect(status, text).toBe(404)
      else expect(responseSchema(o, status), text).not.toBeUndefined()
    },
  )

  const forKeys = secured.filter(({ name }) => RULES[name]?.key)
  test.for(named(forKeys))('%s by a key', async ([_, o], { sceneFor, callAs }) => {
    const { key } = RULES[o.name]!
    const place = await sceneFor(o)
    const value = place.keys[key === 'any' ? 'tokens:create' : key!]
    const headers = { authorization: `Bearer ${value}` }
    const { status, text } = await callAs('workspaceOwner', o, { scene: place, headers })
    expect(responseSchema(o, status), text).not.toBeUndefined()
  })

  const forAppUsers = secured.filter(({ name }) => RULES[name]?.appUser)
  test.for(named(forAppUsers))('%s by an app user', async ([_, o], { sceneFor, callAs }) => {
    const place = await sceneFor(o)
    const { status, text } = await callAs('appUser', o, { scene: place })
    expect(responseSchema(o, status), text).not.toBeUndefined()
  })
})
