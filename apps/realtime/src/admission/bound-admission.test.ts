import { expect, test } from 'vitest'
import type { Admitted } from './admission.ts'
import { boundAdmission, MAX_PENDING_ADMISSIONS } from './bound-admission.ts'
import type { UpgradeRequest } from './upgrade-request.ts'

const REQUEST = {} as UpgradeRequest
const ADMITTED = {} as Admitted

test('LIM-10: one more than may be decided on at a time is turned away, until one is decided', async () => {
  const decisions: { admit: () => void; refuse: () => void }[] = []
  const admit = boundAdmission(
    () =>
      new Promise((resolve, reject) => {
        decisions.push({ admit: () => resolve(ADMITTED), refuse: () => reject(new Error('no')) })
      }),
  )
  const waiting = Array.from({ length: MAX_PENDING_ADMISSIONS }, () => admit(REQUEST))
  const busy = { status: 503, code: 'busy' }
  await expect(admit(REQUEST)).rejects.toMatchObject(busy)
  expect(decisions).toHaveLength(MAX_PENDING_ADMISSIONS)

  decisions[0]!.admit()
  decisions[1]!.refuse()
  expect(await waiting[0]).toBe(ADMITTED)
  await expect(waiting[1]).rejects.toThrow('no')
  const more = [admit(REQUEST), admit(REQUEST)]
  await expect(admit(REQUEST)).rejects.toMatchObject(busy)
  for (const { admit } of decisions) admit()
  expect(await Promise.all(more)).toEqual([ADMITTED, ADMITTED])
})
