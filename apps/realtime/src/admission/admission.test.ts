import { createLogger } from '@mindfuse/service-kit'
import { expect, test } from 'vitest'
import { Connections } from '../connection/connections.ts'
import type { Grant } from '../connection/grant.ts'
import { Admission, MAX_PENDING_ADMISSIONS } from './admission.ts'
import type { GrantLookup } from './grant-lookup.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

const REQUEST = {} as UpgradeRequest
const GRANT: Grant = {
  boardId: 'board',
  user: { id: 'ada', name: 'Ada' },
  role: 'editor',
  canBroadcast: true,
  version: 1,
  lease: {
    sessionId: 'session',
    expiresAt: Number.MAX_SAFE_INTEGER,
    graceMs: 0,
    lastsWithSession: true,
  },
}

/** Decides on requests with this lookup; `entered` counts those that were admitted. */
function createAdmission(
  lookUpGrant: GrantLookup,
  isUpToDate: () => boolean = () => true,
  hold = { count: 0 },
) {
  const admission = new Admission({
    lookUpGrant,
    lookUpChannel: async () => GRANT,
    accessMonitor: { isUpToDate },
    hold,
    connections: new Connections(),
    roomFor: () => 'free',
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  let entered = 0
  const decide = () => admission.decide(REQUEST, () => entered++)
  return { admission, decide, entered: () => entered }
}

test('LIM-10: one more than may be decided on at a time is turned away, until one is decided', async () => {
  const lookups: { grant: () => void; fail: () => void }[] = []
  const { decide, entered } = createAdmission(
    () =>
      new Promise((resolve, reject) => {
        lookups.push({ grant: () => resolve(GRANT), fail: () => reject(new Error('no')) })
      }),
  )
  const waiting = Array.from({ length: MAX_PENDING_ADMISSIONS }, decide)
  const busy = { status: 503, code: 'busy' }
  expect(await decide()).toMatchObject(busy)
  expect(lookups).toHaveLength(MAX_PENDING_ADMISSIONS)

  lookups[0]!.grant()
  lookups[1]!.fail()
  expect(await waiting[0]).toBeUndefined()
  expect(await waiting[1]).toMatchObject({ status: 500, code: 'internal_error' })
  const more = [decide(), decide()]
  expect(await decide()).toMatchObject(busy)
  for (const { grant } of lookups) grant()
  expect(await Promise.all(more)).toEqual([undefined, undefined])
  expect(entered()).toBe(MAX_PENDING_ADMISSIONS + 1)
})

test('ADM-11: access that changes during the lookup is looked up again, a bounded number of times', async () => {
  let lookups = 0
  let changes = 4
  const { decide, entered } = createAdmission(
    async () => {
      lookups++
      return GRANT
    },
    () => changes-- <= 0,
  )
  expect(await decide()).toBeUndefined()
  expect([lookups, entered()]).toEqual([5, 1])

  changes = 5
  expect(await decide()).toMatchObject({ status: 503, code: 'access_changing' })
  expect([lookups, entered()]).toEqual([10, 1])
})

test('ADM-11: nothing can change between the last check and entering', async () => {
  let isCurrent = true
  const checkedAndEntered: boolean[] = []
  const { admission } = createAdmission(
    async () => GRANT,
    () => {
      // The earliest that anything else can run after the check.
      queueMicrotask(() => {
        isCurrent = false
      })
      return isCurrent
    },
  )
  await admission.decide(REQUEST, () => checkedAndEntered.push(isCurrent))
  expect(checkedAndEntered).toEqual([true])
})

test('what is being decided on when the gateway stops is refused', async () => {
  let grant!: () => void
  const { admission, decide, entered } = createAdmission(
    () =>
      new Promise((resolve) => {
        grant = () => resolve(GRANT)
      }),
  )
  const decision = decide()
  admission.stop()
  grant()
  expect(await decision).toMatchObject({ status: 503, code: 'going_away' })
  expect(entered()).toBe(0)
})

test('AUTH-12: an answer from before the process was stopped is asked for again', async () => {
  const hold = { count: 0 }
  let lookups = 0
  const lookUp = async () => {
    // As if it was stopped while the first was under way.
    if (++lookups === 1) hold.count++
    return GRANT
  }
  const { decide, entered } = createAdmission(lookUp, undefined, hold)
  expect(await decide()).toBeUndefined()
  expect([lookups, entered()]).toEqual([2, 1])
})
