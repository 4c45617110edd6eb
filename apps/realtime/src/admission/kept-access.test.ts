import type { Authorization, AuthorizationsReply } from '@mindfuse/internal'
import { createLogger } from '@mindfuse/service-kit'
import { createMemorySharedState, type PermissionCache } from '@mindfuse/shared-state'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Applicant } from './api-access.ts'
import { KeptAccess } from './kept-access.ts'

const ADA: Applicant = { boardId: 'board', userId: 'ada', sessionId: 'session' }
const EDITOR: AuthorizationsReply['results'][number] = {
  ...{ role: 'editor', version: 3, canBroadcast: true, boardExists: true, sessionLives: true },
  asOf: 10,
}
const VIEWER: Authorization = {
  ...{ role: 'viewer', version: 9, canBroadcast: false, boardExists: true, sessionLives: true },
}
const HERE = 'this database'

let permissions: PermissionCache
let proves: boolean
let keptAccess: KeptAccess
beforeEach(() => {
  permissions = createMemorySharedState().permissions
  proves = true
  keptAccess = createKept(permissions)
})

const createKept = (cache: PermissionCache) =>
  new KeptAccess({
    permissions: cache,
    recent: { proves: () => proves },
    log: createLogger({ service: 'test', level: 'silent' }),
  })

/** Which role admission finds, and how; the API answers `viewer`. */
async function lookUp(kept = keptAccess) {
  const outcomes: string[] = []
  const { role } = await kept.before(
    async () => VIEWER,
    (outcome) => outcomes.push(outcome),
  )(ADA)
  return [role, ...outcomes]
}

const HIT = ['editor', 'hit']
const MISS = ['viewer', 'miss']

describe('ADM-9: an answer', () => {
  test('that is kept and proved is the answer', async () => {
    expect(await lookUp()).toEqual(MISS)
    keptAccess.keep(ADA, EDITOR, HERE)
    expect(await lookUp()).toEqual(HIT)
    proves = false
    expect(await lookUp()).toEqual(MISS)
  })

  test.each<[string, Partial<typeof EDITOR>, string | undefined]>([
    ['that refuses', { role: null }, HERE],
    ['about a session that has ended', { sessionLives: false }, HERE],
    ['that does not say as of when it is', { asOf: undefined as never }, HERE],
    ['of an unknown database', {}, undefined],
  ])('%s is not kept', async (_, over, incarnation) => {
    keptAccess.keep(ADA, { ...EDITOR, ...over }, incarnation)
    expect(await permissions.get(ADA)).toBeUndefined()
  })

  test.each<[string, Partial<typeof EDITOR>]>([
    ['access', { role: null, version: 4 }],
    ['the session', { sessionLives: false }],
    ['the board', { role: null, version: 0, boardExists: false }],
  ])('is not proved once the API said that %s is gone', async (_, over) => {
    keptAccess.keep(ADA, EDITOR, HERE)
    keptAccess.keep(ADA, { ...EDITOR, ...over }, HERE)
    expect(await lookUp()).toEqual(MISS)
  })

  test('is proved where access was given again since the API refused', async () => {
    keptAccess.keep(ADA, { ...EDITOR, role: null, version: 4 }, HERE)
    keptAccess.keep(ADA, { ...EDITOR, version: 5 }, HERE)
    expect(await lookUp()).toEqual(HIT)
  })

  test.each([
    'no json',
    'null',
    '{}',
    JSON.stringify({ role: 'editor', version: 3, canBroadcast: true }),
    JSON.stringify({ role: null, version: 3, canBroadcast: true, asOf: 1, incarnation: '' }),
    JSON.stringify({ role: 'editor', version: 3, canBroadcast: true, asOf: '1', incarnation: '' }),
  ])('that another release wrote differently counts as none: %s', async (entry) => {
    await permissions.set(ADA, entry)
    expect(await lookUp()).toEqual(MISS)
  })

  test('that cannot be read or written is asked for', async () => {
    const away = async () => {
      throw new Error('away')
    }
    const kept = createKept({ get: away, set: away })
    kept.keep(ADA, EDITOR, HERE)
    expect(await lookUp(kept)).toEqual(MISS)
  })
})
