import type { Admission } from './admission.ts'
import { Refusal } from './refusal.ts'

/** Most requests, upgrades and plain GETs alike, that are being decided on at a time. */
export const MAX_PENDING_ADMISSIONS = 1_000

/** Turns further ones away with 503 `busy` while so many wait: each costs lookups, and memory. */
export function boundAdmission(admit: Admission): Admission {
  let pending = 0
  return async (request) => {
    if (pending >= MAX_PENDING_ADMISSIONS) {
      throw new Refusal(503, 'busy', 'Too many people arrive at once')
    }
    pending++
    try {
      return await admit(request)
    } finally {
      pending--
    }
  }
}
