import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { problemKey } from './problem-texts.ts'

/** Where problems are made: by the API, and by the SDK. */
const FOLDERS = ['apps/api/src', 'packages/client/src']

/** What is written there as the code. */
const MADE = /new (?:ApiError\(\s*[\w.]+,\s*|MindfuseError\(\s*)([^,)]+)/g

/** Codes that are worked out, by what is written; none of those that come from elsewhere. */
const WORKED_OUT: Record<string, readonly string[]> = {
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: as it is written
  '`${what}_not_found`': [],
  '`invite_${reason}`': ['invite_expired', 'invite_revoked', 'invite_exhausted'],
  '`link_${state}`': ['link_expired', 'link_revoked'],
  '`too_many_${what}`': [
    'too_many_changes',
    'too_many_downloads',
    'too_many_reads',
    'too_many_uploads',
  ],
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as it is written
  'codes[kind]': ['malformed_scene', 'malformed_update', 'update_too_complex'],
  "CODES_BY_STATUS[status] ?? 'bad_request'": ['bad_request', 'payload_too_large'],
  "problem?.code ?? 'not_an_answer'": ['not_an_answer'],
  SIGNED_IN_AS_ANOTHER: ['signed_in_as_another'],
  code: [],
  'error.code': [],
  'next.code': [],
  reason: [],
}

/** What pages do not cause, or do not show: programs read the server's sentence. */
const OF_PROGRAMS = [
  'address_invalid',
  'app_user_not_found',
  'awareness_too_large',
  'closed',
  'discarded',
  'headers_too_large',
  'idempotency_key_reused',
  'internal_secret_required',
  'invalid_cursor',
  'invalid_idempotency_key',
  'key_invalid',
  'malformed_scene',
  'malformed_update',
  'name_required',
  'range_not_satisfiable',
  'route_not_found',
  'scope_required',
  'thumbnail_not_found',
  'too_many',
  'too_many_app_users',
  'too_many_pixels',
  'unauthorized',
  'unsupported_media_type',
  'update_too_complex',
]

function sourcesIn(folder: string): string[] {
  const path = fileURLToPath(new URL(`../../../../${folder}`, import.meta.url))
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => readFileSync(`${path}/${file}`, 'utf8'))
}

const sources = FOLDERS.flatMap(sourcesIn)

const found = (pattern: RegExp) =>
  sources.flatMap((source) => Array.from(source.matchAll(pattern), ([, code = '']) => code.trim()))

test('every problem has a text, but for those that only programs see', () => {
  const written = new Set(found(MADE))
  const literal = [...written].filter((code) => code.startsWith("'"))
  const others = [...written].filter((code) => !code.startsWith("'"))
  expect(others.toSorted()).toEqual(Object.keys(WORKED_OUT).toSorted())

  const codes = new Set([
    ...literal.map((code) => code.slice(1, -1)),
    ...found(/notFound\('(\w+)'\)/g).map((what) => `${what}_not_found`),
    ...Object.values(WORKED_OUT).flat(),
  ])
  const untold = [...codes].filter((code) => problemKey(code) === undefined)
  expect(untold.toSorted()).toEqual(OF_PROGRAMS)
})
