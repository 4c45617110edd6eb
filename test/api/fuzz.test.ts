import { KEY_SCOPES } from '@mindfuse/protocol'
import type { SignedIn } from '@mindfuse/testing'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import fc from 'fast-check'
import { expect } from 'vitest'
import * as Y from 'yjs'
import { newPicture, setThumbnail, upload } from '../support/files.ts'
import { test as base } from '../support/fixtures.ts'
import { openAsGuest } from '../support/guests.ts'
import {
  FILES,
  fillPath,
  type Operation,
  readOperations,
  responseSchema,
  type Schema,
} from '../support/openapi.ts'
import { joinWorkspace } from '../support/people.ts'
import { type RawAnswer, send } from '../support/send.ts'

/** Requests under way at a time. */
const BATCH_SIZE = 40

/** `FUZZ_REQUESTS=20000 FUZZ_SEED=1 npx vitest run test/api/fuzz.test.ts` looks harder. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 1_000)
const SEED = Number(process.env.FUZZ_SEED ?? Date.now() % 2 ** 31)

/** How often a request without anything odd is tried at most, until one succeeds: one in six may. */
const PLAIN_TRIES = 100

/** A run that takes longer is cut, so that a slow machine does not fail for it. */
const TIME_LIMIT_MS = REQUESTS * 10

type Who =
  | 'workspaceOwner'
  | 'viewer'
  | 'guest'
  | 'stranger'
  | 'leaver'
  | 'anonymous'
  | 'administrator'
  | 'key'

/** A request before it is known which ids there are: `$boardId` and the like stand for them. */
interface Sketch {
  /** Its name. */
  operation: string
  who: Who
  params: Record<string, string>
  query: [string, string][]
  headers: Record<string, string>
  body: { json: unknown } | { raw: string | Buffer } | undefined
}

const operations = readOperations()
const byName = new Map(operations.map((operation) => [operation.name, operation]))

/** What is never sent by somebody who matters, because nothing would be left to fuzz. */
const LEAVING = ['DELETE /api/auth/me', 'POST /api/auth/logout']

const isOfAdministrators = ({ path }: Operation) => path.startsWith('/api/admin/')

/** Nobody may but keys. */
const OF_KEYS = ['POST /api/auth/tokens']

/** Ends what the rest of a batch works on, so it only gets things that nothing else needs. */
const ENDING = [
  'DELETE /api/workspaces/{workspaceId}',
  'POST /api/workspaces/{workspaceId}/transfer',
]

/** What a request needs that is made up without a sign-in. */
const PLAIN_QUERIES: Record<string, [string, string][]> = {
  'POST /api/auth/token': [['optional', 'true']],
}

/** No request made up here has a sign-in or a signature behind it. */
const UNREACHABLE = [
  'GET /api/auth/{provider}/callback',
  'GET /api/boards/{boardId}/assets/{digest}/signed',
  'GET /api/boards/{boardId}/thumbnail/{digest}',
]

const WEIRD_TEXT = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udfff tail',
  '\u202e\u200d\ufeff',
  '😀'.repeat(64),
  'é'.repeat(255),
  '😀'.repeat(256),
  'x'.repeat(10_000),
  '%00',
  '%zz',
  '../../etc/passwd',
  "' OR 1=1 --",
  '__proto__',
  'constructor',
  'null',
  '-1',
  '1e999',
  '9'.repeat(400),
  '0000-00-00T00:00:00Z',
  '2016-12-31T23:59:60Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999+23:59',
  '00000000-0000-0000-0000-000000000000',
  'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF',
  'urn:uuid:00000000-0000-0000-0000-000000000000',
  'eyJhZnRlciI6IjAwMDAtMDEtMDFUMDA6MDA6MDBaIiwiaWQiOiIwIiwic29ydCI6Im5hbWUifQ',
]
const cursorOf = (after: unknown, sort: string) =>
  Buffer.from(JSON.stringify({ after, sort, id: crypto.randomUUID() })).toString('base64url')
/** Cursors that look as if a list had given them out. */
const FORGED_CURSORS = ['name', '-updatedAt', '-createdAt', 'joinedAt', '-deletedAt'].flatMap(
  (sort) =>
    ['\u0000', '\ud800', '', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59+00:00', 'zzz'].map(
      (after) => cursorOf(after, sort),
    ),
)

const weirdText = fc.oneof(
  fc.constantFrom(...WEIRD_TEXT),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
)
const weirdNumber = fc.oneof(
  fc.constantFrom(-1, 0, -0, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308, 0.1, -0.5),
  fc.double({ noNaN: true }),
  fc.maxSafeInteger(),
)
const deep = fc.constantFrom(50, 1_000, 20_000).map((depth) => ({ depth }))
const weirdValue = fc.oneof(
  weirdText,
  weirdNumber,
  fc.boolean(),
  fc.constant(null),
  fc.constantFrom<unknown>([], {}, [[]], { toString: 1 }, ['x'], [null]),
  fc.jsonValue(),
)

/** Times that a date-time can say. */
const DATED = {
  noInvalidDate: true,
  min: new Date('0000-01-01T00:00:00.000Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
}

/** Values that fit a schema, boundaries included. */
function fitting(schema: Schema): fc.Arbitrary<unknown> {
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map(fitting))
  switch (schema.type) {
    case 'null':
      return fc.constant(null)
    case 'boolean':
      return fc.boolean()
    case 'integer':
      return fc.integer({ min: schema.minimum ?? -1_000, max: schema.maximum ?? 1_000 })
    case 'array':
      return fittingArray(schema)
    case 'object':
      return fittingObject(schema)
    default:
      return fittingText(schema)
  }
}

function fittingArray({ items = {}, minItems = 0, uniqueItems = false }: Schema) {
  const length = { minLength: minItems, maxLength: Math.max(minItems, 3) }
  return uniqueItems ? fc.uniqueArray(fitting(items), length) : fc.array(fitting(items), length)
}

function fittingText({ format, pattern, minLength = 0, maxLength = 100 }: Schema) {
  if (format === 'uuid') return fc.constantFrom('$userId', '$workspaceId', crypto.randomUUID())
  if (format === 'email') {
    return fc.oneof(fc.emailAddress(), fc.constant('stranger@example.com'))
  }
  if (format === 'date-time') {
    return fc.date(DATED).map((date) => date.toISOString())
  }
  if (pattern?.includes('https?')) return fc.webUrl()
  if (pattern?.includes('[0-9a-f]{64}')) return fc.constantFrom('$digest', 'a'.repeat(64))
  const length = { minLength: Math.max(1, minLength), maxLength: Math.min(maxLength, 255) }
  return fc.oneof(
    fc.string({ ...length, unit: 'grapheme' }).map((text) => `x${text}`.slice(0, maxLength)),
    fc.constant('x'.repeat(Math.min(maxLength, 255))),
  )
}

function fittingObject({ properties = {}, required = [] }: Schema) {
  const fields = Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, fitting(schema)]),
  )
  return fc.record(fields, { requiredKeys: required })
}

/** An object that fits but for a field, or has one too many. */
const spoilt = (schema: Schema) =>
  fc
    .tuple(
      fittingObject(schema),
      fc.constantFrom(...Object.keys(schema.properties ?? {}), 'unexpected', '__proto__'),
      fc.oneof(weirdValue, deep),
    )
    .map(([object, name, value]) => ({ ...object, [name]: value }))

const RAW_BODIES: (string | Buffer)[] = [
  '',
  '{',
  '{"name":"x"',
  'null',
  '"text"',
  '[]',
  '{"name":"x","name":{}}',
  '{"__proto__":{"name":"x"}}',
  '{"constructor":{"prototype":{}}}',
  '\ufeff{"name":"x"}',
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.from('{"name":"\u0000\u0007"}'),
  Buffer.alloc(64),
  `${'['.repeat(50_000)}${']'.repeat(50_000)}`,
  `{"name":"${'x'.repeat(300 * 1024)}"}`,
]

/** Bodies of bytes: a Yjs update, one that is cut short, and what is none. */
const UPDATE = (() => {
  const doc = new Y.Doc()
  doc.getText('text').insert(0, 'fuzz')
  return Buffer.from(Y.encodeStateAsUpdate(doc))
})()
const PICTURE = newPicture().bytes
const bytes = fc.oneof(
  fc.constantFrom(UPDATE, PICTURE),
  fc.nat(UPDATE.length).map((end) => UPDATE.subarray(0, end)),
  fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array)),
)

function bodyOf(operation: Operation): fc.Arbitrary<Sketch['body']> {
  if (operation.bytesType) return bytes.map((raw) => ({ raw }))
  const raw = fc.constantFrom(...RAW_BODIES).map((text) => ({ raw: text }))
  const schema = operation.body
  if (!schema) {
    const none: fc.Arbitrary<Sketch['body']> = fc.constant(undefined)
    return fc.oneof({ weight: 12, arbitrary: none }, { weight: 1, arbitrary: raw })
  }
  return fc.oneof(
    { weight: 6, arbitrary: fittingObject(schema).map((json) => ({ json })) },
    { weight: 6, arbitrary: spoilt(schema).map((json) => ({ json })) },
    { weight: 1, arbitrary: weirdValue.map((json) => ({ json })) },
    { weight: 2, arbitrary: raw },
    { weight: 1, arbitrary: fc.constant(undefined) },
  )
}

/** Parameters of a path, what `around` makes of the names of things that exist. */
function paramsOf(
  { name, path, pathParams }: Operation,
  around: (known: fc.Arbitrary<string>) => fc.Arbitrary<string>,
): fc.Arbitrary<Record<string, string>> {
  const isEnding = ENDING.includes(name)
  return fc.record(
    Object.fromEntries(
      Object.keys(pathParams).map((param) => {
        const isGuest = param === 'userId' && path.startsWith('/api/boards/')
        const isSpare = param === 'workspaceId' && isEnding
        const isOffered = param === 'membershipId' && path.startsWith('/api/memberships/')
        const isOfLink = param === 'token' && path.startsWith('/api/links/')
        const isVisitor = param === 'userId' && path.includes('/guests/')
        const own = isOffered ? '$offeredId' : isOfLink ? '$linkToken' : `$${param}`
        const known = isSpare
          ? '$spareWorkspaceId'
          : isVisitor
            ? '$visitorId'
            : isGuest
              ? '$guestId'
              : own
        // The trash has other boards in it than the rest of the routes knows.
        const others = param === 'boardId' ? ['$trashedBoardId'] : []
        return [param, around(fc.constantFrom(known, known, ...others))]
      }),
    ),
  )
}

function queryOf({ queryParams }: Operation): fc.Arbitrary<[string, string][]> {
  const names = Object.keys(queryParams)
  const fits = fc
    .record(Object.fromEntries(names.map((name) => [name, fitting(queryParams[name] ?? {})])), {
      requiredKeys: [],
    })
    .map((query) =>
      Object.entries(query).map(([name, value]): [string, string] => [name, `${value}`]),
    )
  const cursors = fc.constantFrom(...FORGED_CURSORS)
  const weird = fc.array(
    fc.tuple(
      fc.constantFrom(...names, 'cursor', 'unexpected', '__proto__', 'limit[]'),
      fc.oneof(weirdText, cursors),
    ),
    { maxLength: 3 },
  )
  return fc.oneof(
    { weight: 3, arbitrary: names.length ? fits : fc.constant<[string, string][]>([]) },
    { weight: names.length ? 2 : 1, arbitrary: weird },
  )
}

const HEADERS: fc.Arbitrary<Record<string, string>> = fc
  .record(
    {
      'if-match': fc.constantFrom(
        '*',
        '"v1"',
        '"v0"',
        'W/"v1"',
        '"v99999999999999999999"',
        '',
        'v1',
        '"v-1"',
        '\u00ff',
        '"v1", "v2"',
      ),
      'if-none-match': fc.constantFrom(
        '*',
        '"v1"',
        '',
        ',,,',
        '"v1","v2"',
        'W/"v1"',
        'x'.repeat(4_000),
      ),
      range: fc.constantFrom('bytes=0-0', 'bytes=-1', 'bytes=9-', 'bytes=999-', 'bytes=2-1', 'x'),
      'if-range': fc.constantFrom('"v1"', '', 'x'.repeat(4_000)),
      'idempotency-key': fc.constantFrom(
        '',
        'a',
        'b',
        'c',
        'x'.repeat(255),
        'x'.repeat(256),
        '\u00e9\u00ff',
        ' ',
        "'",
        ...Array.from({ length: 20 }, (_, i) => `key-${i}`),
      ),
      'content-type': fc.constantFrom(
        'application/json',
        'application/json; charset=utf-16',
        'text/plain',
        '',
        'application/json;',
        'multipart/form-data; boundary=x',
        '\u00ff',
        'application/problem+json',
      ),
      accept: fc.constantFrom('application/json', '*/*', 'text/html', '', '\u00ff'),
      'user-agent': fc.constantFrom('', 'x'.repeat(5_000), '\u00ff\u0080', 'curl'),
      origin: fc.constantFrom('null', 'https://evil.example', 'https://whiteboard.example', ''),
      cookie: fc.constantFrom(
        '',
        'mindfuse_session=x',
        '__Host-mindfuse_session=%zz',
        'a=b; a=c; =; ;',
        'mindfuse_session=\u00ff',
        `mindfuse_guest=${'x'.repeat(43)}`,
      ),
      'x-forwarded-for': fc.constantFrom('1.2.3.4', 'nobody', '::1, , x'),
      expect: fc.constantFrom('nothing'),
    },
    { requiredKeys: [] },
  )
  .map((headers) =>
    Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'expect')),
  )

const sketch: fc.Arbitrary<Sketch> = fc.constantFrom(...operations).chain((operation) =>
  fc.record({
    operation: fc.constant(operation.name),
    who: LEAVING.includes(operation.name)
      ? fc.constantFrom<Who>('leaver', 'anonymous')
      : fc.oneof(
          {
            weight: 5,
            arbitrary: fc.constant<Who>(
              isOfAdministrators(operation) ? 'administrator' : 'workspaceOwner',
            ),
          },
          { weight: 2, arbitrary: fc.constantFrom<Who>('viewer', 'key') },
          {
            weight: 1,
            arbitrary: fc.constantFrom<Who>('stranger', 'guest', 'leaver', 'anonymous'),
          },
        ),
    params: paramsOf(operation, (known) =>
      fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: weirdText }),
    ),
    query: queryOf(operation),
    headers: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: HEADERS }),
    body: bodyOf(operation),
  }),
)

/** A request with nothing odd to it, which may succeed. */
const plainSketch = (operation: Operation): fc.Arbitrary<Sketch> =>
  fc.record({
    operation: fc.constant(operation.name),
    who: fc.constant<Who>(
      isOfAdministrators(operation)
        ? 'administrator'
        : LEAVING.includes(operation.name)
          ? 'leaver'
          : OF_KEYS.includes(operation.name)
            ? 'key'
            : 'workspaceOwner',
    ),
    params: paramsOf(operation, (known) => known),
    query: fc.constant(PLAIN_QUERIES[operation.name] ?? []),
    headers: fc.constant({}),
    body: plainBodyOf(operation),
  })

function plainBodyOf({ bytesType, body }: Operation): fc.Arbitrary<Sketch['body']> {
  if (bytesType) return fc.constant({ raw: bytesType === 'image/png' ? PICTURE : UPDATE })
  return body ? fittingObject(body).map((json) => ({ json })) : fc.constant(undefined)
}

/** JSON in which `{ depth }` stands for that many objects inside each other. */
function toJson(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  return text.replace(/\{"depth":(\d+)\}/g, (_, depth) => {
    const levels = Number(depth)
    return `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
  })
}

let leaver: SignedIn | undefined
let guest: SignedIn | undefined

const ids = new Map<string, string>()
/** A batch that may still be under way when the time is over. */
let trying: Promise<unknown> = Promise.resolve()
const succeeded = new Set<string>()
/** How operations were refused last. */
const refused = new Map<string, string>()
let sent = 0

const test = base
  // Each batch makes a workspace.
  .extend('stackOptions', { scope: 'file' }, { quotaLimits: { workspacesPerPerson: 0 } })
  /** Things for the next batch, because the one before may have ended its own. */
  /** A key that may do all that keys may. */
  .extend('key', { scope: 'file' }, async ({ cast }) => {
    const path = `/api/workspaces/${cast.workspaceId}/keys`
    const input = { name: 'Fuzz', scopes: [...KEY_SCOPES] }
    const { body } = await cast.call(cast.workspaceOwner, 'POST', path, input)
    return { id: body.id as string, accessToken: body.key as string }
  })
  .extend('renew', ({ cast, stack, person, key }) => async (): Promise<void> => {
    const create = async (path: string, body: object) =>
      (await cast.call(cast.workspaceOwner, 'POST', path, body)).body
    // A request before may have kept guests out, or allowed no more boards.
    await stack.database.query(
      `UPDATE workspaces SET guests = 'edit', max_boards = NULL, max_storage_bytes = NULL
       WHERE id = $1`,
      [cast.workspaceId],
    )
    const [boardId, trashedBoardId, spare] = await Promise.all([
      cast.newBoard(),
      cast.newBoard(),
      create('/api/workspaces', { name: 'Spare' }),
    ])
    await cast.call(cast.workspaceOwner, 'DELETE', `/api/boards/${trashedBoardId}`)
    await stack.database.query(
      `INSERT INTO workspace_members (workspace_id, user_id, role)
     VALUES ($1, $3, 'member'), ($2, $3, 'member') ON CONFLICT DO NOTHING`,
      [cast.workspaceId, spare.id, cast.workspaceMember.user.id],
    )
    leaver ??= await person('leaver')
    const invite = await create(`/api/boards/${boardId}/invite`, { role: 'editor' })
    ids.set('$boardId', boardId).set('$trashedBoardId', trashedBoardId)
    ids.set('$spareWorkspaceId', spare.id)
    const version = await create(`/api/boards/${boardId}/versions`, { name: 'Fuzz' })
    ids.set('$versionId', version.id)
    const picture = newPicture()
    await upload(stack, cast.workspaceOwner, boardId, picture)
    await setThumbnail(stack, cast.workspaceOwner, boardId, picture.bytes)
    ids.set('$digest', picture.digest)
    // There can be a hundred, and batches make some.
    await stack.database.query(
      'DELETE FROM sessions USING keys WHERE keys.id = sessions.id AND keys.id <> $1',
      [key.id],
    )
    ids.set('$externalId', 'zoe').set('$externalKey', 'seven')
    await cast.call(key as unknown as SignedIn, 'POST', '/api/auth/tokens', {
      user: { externalId: 'zoe', name: 'Zoë' },
      boards: { [boardId]: 'viewer' },
    })
    const spareKey = { name: 'Spare', scopes: ['boards:read'] }
    ids.set('$keyId', (await create(`/api/workspaces/${cast.workspaceId}/keys`, spareKey)).id)
    const offer = (workspaceId: string, email: string) =>
      stack.database.query(
        `INSERT INTO pending_memberships (workspace_id, email, role, invited_by, expires_at)
         SELECT id, $2, 'member', owner_id, now() + interval '1 day' FROM workspaces WHERE id = $1
         ON CONFLICT (workspace_id, email) DO UPDATE SET expires_at = excluded.expires_at
         RETURNING id`,
        [workspaceId, email],
      )
    const [pending] = await offer(cast.workspaceId, 'fuzz@example.com')
    const [offered] = await offer(ids.get('$hostId')!, cast.workspaceOwner.user.email)
    ids.set('$membershipId', pending.id).set('$offeredId', offered.id)
    ids.set('$personId', (await person(`spare-${crypto.randomUUID()}`)).user.id)
    const link = await create(`/api/boards/${boardId}/links`, { role: 'editor' })
    guest = await openAsGuest(stack, link.token, 'Fuzz')
    ids.set('$linkId', link.id).set('$linkToken', link.token).set('$visitorId', guest.user.id)
    ids.set('$inviteId', invite.id).set('$token', invite.token).set('$provider', 'google')
  })
  .extend(
    'request',
    ({ cast, stack, administrator, key }) =>
      (operation: Operation, sketch: Sketch): Promise<RawAnswer> => {
        const { who, params, query, headers, body } = sketch
        const token = { ...cast, leaver, guest, administrator, key, anonymous: undefined }[who]
          ?.accessToken
        const entries = Object.entries(params).map(([name, value]) => [
          name,
          wellFormed(resolved(value)),
        ])
        const search = query
          .map((pair) => pair.map((text) => encodeURIComponent(wellFormed(text))).join('='))
          .join('&')
        return send(stack.apiUrl, {
          method: operation.method,
          path: fillPath(operation.path, Object.fromEntries(entries)) + (search && `?${search}`),
          headers: {
            ...(token && { authorization: `Bearer ${token}` }),
            ...(body && {
              'content-type': operation.bytesType ?? 'application/json',
            }),
            ...headers,
          },
          body: body && ('raw' in body ? body.raw : resolved(toJson(body.json))),
        })
      },
  )
  /** Sends a request. @returns what is wrong with the answer, or undefined */
  .extend('tried', ({ request }) => async (one: Sketch) => {
    const operation = byName.get(one.operation)
    if (!operation) throw new Error(`there is no ${one.operation}`)
    const answer = await request(operation, one)
    sent++
    if (answer.status < 400) succeeded.add(operation.name)
    else refused.set(operation.name, `${answer.status} ${answer.text}`)
    if (LEAVING.includes(operation.name) && answer.status < 300) leaver = undefined
    const isNavigation = operation.method === 'GET' && one.headers.accept === 'text/html'
    const what = complaint(operation, answer, isNavigation)
    return what && { what, status: answer.status, text: answer.text, ...one }
  })

test.beforeAll(async ({ stack, cast, person }) => {
  await joinWorkspace(stack, cast.workspaceId, cast.viewer, 'member')
  ids.set('$workspaceId', cast.workspaceId).set('$userId', cast.workspaceMember.user.id)
  ids.set('$guestId', cast.editor.user.id)
  const host = await cast.call(cast.stranger, 'POST', '/api/workspaces', { name: 'Host' })
  ids.set('$hostId', host.body.id)
  await person('workspaceOwner')
  const sessions = await cast.call(cast.workspaceOwner, 'GET', '/api/auth/sessions')
  const other = sessions.body.items.find(({ current }: { current: boolean }) => !current)
  ids.set('$sessionId', other.id)
})

/** With the ids that stand for themselves until now. */
const resolved = (text: string) => text.replace(/\$[a-zA-Z]+/g, (name) => ids.get(name) ?? name)

/** A lone surrogate cannot be percent-encoded; what takes its place is how it would be sent. */
const wellFormed = (text: string) => Buffer.from(text).toString()

const ajv = new Ajv({ strict: false })
addFormats.default(ajv)
const validators = new Map<Schema, ValidateFunction>()
function fits(schema: Schema, value: unknown): string | undefined {
  const validate = validators.get(schema) ?? ajv.compile(schema)
  validators.set(schema, validate)
  return validate(value) ? undefined : ajv.errorsText(validate.errors)
}

/** Whether an operation says that it may be busy, and when it is, when to try again. */
function isDescribedAsBusy(
  { description }: Operation,
  { status, headers, text }: RawAnswer,
): boolean {
  const code = /"code":"(\w+_busy)"/.exec(text)?.[1]
  return description.includes(`${status} \`${code}\``) && Number(headers['retry-after']) > 0
}

/** What is wrong with an answer, or undefined. */
function complaint(
  operation: Operation,
  answer: RawAnswer,
  isNavigation: boolean,
): string | undefined {
  const { status, headers, text } = answer
  if (status >= 400) {
    if (status >= 500 && !isDescribedAsBusy(operation, answer)) return 'a failure of ours'
    // Of headers that are too long, none is read: not that a page is wanted either.
    if (isNavigation && status !== 431)
      return text.startsWith('<!doctype html>') ? undefined : 'no page'
    if (!`${headers['content-type']}`.startsWith('application/problem+json')) return 'no problem'
    const problem = JSON.parse(text)
    const isWhole = problem.status === status && problem.code && problem.requestId
    return isWhole ? undefined : 'a problem that says too little'
  }
  if (status === 304) {
    return operation.method === 'GET' && text === '' ? undefined : 'a 304 with a body'
  }
  if (status >= 300) return operation.isSecured ? 'a redirect' : undefined
  const type = `${headers['content-type']}`
  if (FILES.includes(type)) {
    return operation.fileTypes[status]?.includes(type) ? undefined : 'a file unasked for'
  }
  const schema = responseSchema(operation, status)
  if (schema === undefined) return 'a status that the description does not know'
  if (schema === null) return text === '' ? undefined : 'a body where none was described'
  return fits(schema, JSON.parse(text))
}

test(
  'whatever is sent, answers are as described, refusals are problems, nothing is a 5xx but “busy”',
  async ({ renew, tried }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(sketch, { minLength: BATCH_SIZE, maxLength: BATCH_SIZE, size: 'max' }),
        async (batch) => {
          await renew()
          const answers = Promise.all(batch.map(tried))
          trying = answers
          const complaints = await answers
          expect(complaints.filter(Boolean)).toEqual([])
        },
      ),
      {
        seed: SEED,
        numRuns: Math.ceil(REQUESTS / BATCH_SIZE),
        interruptAfterTimeLimit: TIME_LIMIT_MS,
        // Things have moved on since a failure, so a smaller batch would prove nothing.
        endOnFailure: true,
      },
    )
    if (process.env.FUZZ_REQUESTS) process.stdout.write(`${sent} requests, seed ${SEED}\n`)
  },
  TIME_LIMIT_MS + 60_000,
)

// A route that never does anything was not really tried: whatever chance left out above is tried
// on purpose.
test('every route does what it is for at least once', async ({ renew, tried }) => {
  await trying
  let isNew = false
  for (const operation of operations) {
    if (UNREACHABLE.includes(operation.name)) continue
    for (const one of fc.sample(plainSketch(operation), { seed: SEED, numRuns: PLAIN_TRIES })) {
      if (succeeded.has(operation.name)) break
      if (!isNew) await renew()
      expect(await tried(one)).toBeUndefined()
      // What only reads, or is refused, ends nothing.
      isNew = operation.method === 'GET' || !succeeded.has(operation.name)
    }
  }
  const idle = operations.map(({ name }) => name).filter((name) => !succeeded.has(name))
  const why = idle.map((name) => `${name}: ${refused.get(name)}`).join('\n')
  expect(idle, why).toEqual(UNREACHABLE)
}, 300_000)
