import { listPage, NEWEST_FIRST, type Page } from '../http/pagination.ts'
import type { Infrastructure } from '../infrastructure.ts'
import { identityOf } from '../users/presenter.ts'
import type { UserRow } from '../users/repository.ts'
import * as repository from './people-repository.ts'
import type { Person, SearchQuery } from './schemas.ts'

/** What administrators see of people, and do to them. */
export interface PeopleService {
  list(query: SearchQuery): Promise<Page<Person>>
}

/** People as rows of PostgreSQL. */
export function createPeopleService({
  db,
  presentUser,
}: Pick<Infrastructure, 'db' | 'presentUser'>): PeopleService {
  const present = (row: UserRow): Person => {
    const { id, email, name, isAdmin, createdAt } = presentUser(row)
    return { id, email, name, identity: identityOf(row), isAdmin, createdAt }
  }

  return {
    list: ({ query, ...page }) =>
      listPage(page, {
        ...NEWEST_FIRST,
        read: (keyset) => repository.listPeople(db, query, keyset),
        present,
      }),
  }
}
