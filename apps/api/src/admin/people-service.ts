import { deleteAccount } from '../account/delete-account.ts'
import { type Held, readHeld } from '../account/held.ts'
import type { Actor } from '../changes/actor.ts'
import { ApiError, notFound } from '../http/errors.ts'
import { listPage, NEWEST_FIRST, type Page } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { revokeLinks } from '../links/end-links.ts'
import { listOpenLinks } from '../links/repository.ts'
import { readPersonUsage } from '../quotas/usage.ts'
import { endKeys } from '../sessions/end-keys.ts'
import { endSessions } from '../sessions/end-sessions.ts'
import { identityOf } from '../users/presenter.ts'
import type { UserRow } from '../users/repository.ts'
import type { AdminAct, Administer } from './acts.ts'
import { eraseEmail } from './erase-email.ts'
import * as repository from './people-repository.ts'
import type { Person, PersonDetails, SearchQuery } from './schemas.ts'

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
  /** Ends all of a person's sessions, and the keys and links they made, and lets them start none. @throws ApiError 409 for the actor */
  disable(actor: Actor, act: PersonAct): Promise<void>
  get(personId: string): Promise<PersonDetails>
  /**
   * Deletes a person's account as they could themselves, and what names their email.
   * @throws ApiError 409 for the actor, and where `deleteAccount` does
   */
  erase(actor: Actor, act: PersonAct): Promise<void>
  /** What is held of a person, as they could read it themselves, page by page. */
  export(actor: Actor, act: PersonAct): Promise<AsyncIterable<Held[]>>
  /** Lets a person sign in again. */
  enable(actor: Actor, act: PersonAct): Promise<void>
}

/** People as rows of PostgreSQL. */
export function createPeopleService({
  db,
  presentUser,
  quotas,
  administer,
}: Pick<Infrastructure, 'db' | 'presentUser' | 'quotas'> & {
  administer: Administer
}): PeopleService {
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

    async get(personId) {
      const row = await repository.findPerson(db, personId)
      if (!row) throw notFound('person')
      const [sessions, workspaces, owned] = await Promise.all([
        repository.countSessions(db, personId),
        repository.listWorkspacesOf(db, personId),
        readPersonUsage(db, personId),
      ])
      return { ...present(row), sessions, workspaces, owned }
    },

    signOut(actor, { personId, reason }) {
      return administer(actor, actOn('person.sign_out', personId, reason), async (tx, record) => {
        if (!(await repository.lockPerson(tx, personId))) throw notFound('person')
        const end = { userId: personId, reason: 'signed_out_by_administrator' }
        return { result: undefined, changes: { sessions: await endSessions(tx, record, end) } }
      })
    },

    async disable(actor, { personId, reason }) {
      refuseOwn(actor, personId)
      return administer(actor, actOn('person.disable', personId, reason), async (tx, record) => {
        // First: who signs in at this moment updates the same row, and then sees it or has a session.
        if (!(await repository.setDisabled(tx, personId, true))) throw notFound('person')
        const end = { reason: 'account_disabled' }
        const sessions = await endSessions(tx, record, { userId: personId, ...end })
        const keys = await endKeys(tx, record, { createdBy: personId, ...end })
        const links = await listOpenLinks(tx, { createdBy: personId })
        await revokeLinks(tx, record, links, end)
        return { result: undefined, changes: { sessions, keys } }
      })
    },

    async erase(actor, { personId, reason }) {
      refuseOwn(actor, personId)
      return administer(actor, actOn('person.erase', personId, reason), async (tx, record) => {
        const person = await repository.findEmail(tx, personId)
        if (!person) throw notFound('person')
        const deletion = await deleteAccount(tx, record, { userId: personId, quotas })
        // One that is not proven may be another's.
        if (person.isVerified) await eraseEmail(tx, record, person.email)
        return { result: undefined, changes: { ...deletion } }
      })
    },

    async export(actor, { personId, reason }) {
      await administer(actor, actOn('person.export', personId, reason), async (tx) => {
        if (!(await repository.findPerson(tx, personId))) throw notFound('person')
        return { result: undefined }
      })
      return readHeld(db, personId)
    },

    enable(actor, { personId, reason }) {
      return administer(actor, actOn('person.enable', personId, reason), async (tx) => {
        if (!(await repository.setDisabled(tx, personId, false))) throw notFound('person')
        return { result: undefined }
      })
    },
  }
}

/** Nobody locks themselves out: another administrator has to. */
function refuseOwn(actor: Actor, personId: string): void {
  if (actor.userId !== personId) return
  throw new ApiError(409, 'own_account', 'Another administrator has to do that to your account')
}

function actOn(action: AdminAct['action'], id: string, reason: string | undefined): AdminAct {
  return { action, target: { type: 'user', id }, reason }
}
