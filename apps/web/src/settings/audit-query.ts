import { type AuditAction, SEARCHED_ACTIONS } from './audit-actions.ts'

/** Which entries of the audit log are shown: what the address says. Empty is all. */
export interface AuditQuery {
  /** The id of who acted. */
  person: string
  action: AuditAction | ''
  /** The first day, and the last: `2026-11-30`. */
  from: string
  until: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/
const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

/** Reads the query of an address; what it does not know is left out. */
export function readAuditQuery(search: string): AuditQuery {
  const params = new URLSearchParams(search)
  const of = (name: string, pattern: RegExp) => {
    const value = params.get(name) ?? ''
    return pattern.test(value) ? value : ''
  }
  return {
    person: of('person', ID),
    action: SEARCHED_ACTIONS.find((action) => action === params.get('action')) ?? '',
    from: of('from', DAY),
    until: of('until', DAY),
  }
}

/** The inverse: empty for everything. */
export function writeAuditQuery(query: AuditQuery): string {
  const given = Object.entries(query).filter(([, value]) => value !== '')
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`
}

/** The same as the API is asked: days are those where the user is. */
export function apiQueryOf({ person, action, from, until }: AuditQuery): {
  actorId?: string
  action?: AuditAction
  from?: string
  to?: string
} {
  const first = startOf(from, 0)
  const after = startOf(until, 1)
  return {
    ...(person !== '' && { actorId: person }),
    ...(action !== '' && { action }),
    ...(first !== undefined && { from: first }),
    ...(after !== undefined && { to: after }),
  }
}

/** When a day begins, or one that is so many later; undefined for what is no day. */
function startOf(day: string, later: number): string | undefined {
  const time = new Date(`${day}T00:00:00`)
  if (Number.isNaN(time.getTime())) return undefined
  time.setDate(time.getDate() + later)
  return time.toISOString()
}
