import type { Actor } from '../changes/actor.ts'
import { ApiError, notFound } from '../http/errors.ts'
import { listPage, NEWEST_FIRST, type Page } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { identityOf } from '../users/presenter.ts'
import type { UserRow } from '../users/repository.ts'
import type { AdminAct, Administer } from './acts.ts'
import * as repository from './people-repository.ts'
import type { Person, SearchQuery } from './schemas.ts'

/** Whom an act is about, and why. */
export interface PersonAct {
  personId: string
  reason?: string | undefined
}

/** What administrators see of people, and do to them. @throws ApiError 404 for nobody */
export interface PeopleService {
  list(query: SearchQuery): Promise<Page<Person>>
  /** Ends all of a person's sessions. */
  signOut(actor: Actor, act: PersonAct): Promise<void>
  /** Ends all of a person's sessions and lets them start none. @throws ApiError 409 for the actor */
  disable(actor: Actor, act: PersonAct): Promise<void>
  /** Lets a person sign in again. */
  enable(actor: Actor, act: PersonAct): Promise<void>
}

/** People as rows of PostgreSQL. */
export function createPeopleService({
  db,
  presentUser,
  administer,
}: Pick<Infrastructure, 'db' | 'presentUser'> & { administer: Administer }): PeopleService {
  const present = (row: UserRow): Person => {
    const { id, email, name, isAdmin, createdAt } = presentUser(row)
    const disabledAt = row.disabled_at?.toISOString() ?? null
    return { id, email, name, identity: identityOf(row), isAdmin, createdAt, disabledAt }
  }

  return {
    list: ({ query, ...page }) =>
      listPage(page, {
        ...NEWEST_FIRST,
        read: (keyset) => repository.listPeople(db, query, keyset),
        present,
      }),

    signOut(actor, { personId, reason }) {
      return administer(actor, actOn('person.sign_out', personId, reason), async (tx, record) => {
        if (!(await repository.lockPerson(tx, personId))) throw notFound('person')
        const end = { userId: personId, reason: 'signed_out_by_administrator' }
        return { result: undefined, changes: { sessions: await endSessions(tx, record, end) } }
      })
    },

    async disable(actor, { personId, reason }) {
      if (actor.userId === personId) {
        throw new ApiError(409, 'own_account', 'Another administrator has to disable you')
      }
      return administer(actor, actOn('person.disable', personId, reason), async (tx, record) => {
        // First: who signs in at this moment updates the same row, and then sees it or has a session.
        if (!(await repository.setDisabled(tx, personId, true))) throw notFound('person')
        const end = { userId: personId, reason: 'account_disabled' }
        return { result: undefined, changes: { sessions: await endSessions(tx, record, end) } }
      })
    },

    enable(actor, { personId, reason }) {
      return administer(actor, actOn('person.enable', personId, reason), async (tx) => {
        if (!(await repository.setDisabled(tx, personId, false))) throw notFound('person')
        return { result: undefined }
      })
    },
  }
}

function actOn(action: AdminAct['action'], id: string, reason: string | undefined): AdminAct {
  return { action, target: { type: 'user', id }, reason }
}
