import { type AuthorizationsReply, authorizationSchema } from '@mindfuse/internal'
import { BOARD_ROLES } from '@mindfuse/protocol'
import type { Logger } from '@mindfuse/service-kit'
import { dropOldest, type PermissionCache } from '@mindfuse/shared-state'
import { type Static, Type } from 'typebox'
import { Compile } from 'typebox/compile'
import type { RecentChanges } from '../access/recent-changes.ts'
import type { ApiAccess, Applicant } from './api-access.ts'

/** Most refusals that are remembered. */
const MAX_REFUSALS = 10_000

const { version, canBroadcast } = authorizationSchema.properties

const entrySchema = Type.Object({
  role: Type.Enum([...BOARD_ROLES]),
  ...{ version, canBroadcast },
  asOf: Type.Integer({ minimum: 0 }),
  incarnation: Type.String(),
})
type Entry = Static<typeof entrySchema>
const schema = Compile(entrySchema)

/**
 * Keeps what the API answers in shared state, for people who connect again, to this gateway or another. An
 * entry does not have to be right: it counts where the changes that are known here prove that the API would
 * still answer so. Everything else is asked.
 */
export class KeptAccess {
  readonly #permissions: PermissionCache
  readonly #recent: Pick<RecentChanges, 'proves'>
  readonly #log: Logger
  /**
   * The access version at which the API refused a person; infinite where nothing newer can admit them. It may
   * say so before the change is heard of, and an older entry may be there still.
   */
  readonly #refusedAt = new Map<string, number>()

  constructor(deps: {
    permissions: PermissionCache
    recent: Pick<RecentChanges, 'proves'>
    log: Logger
  }) {
    this.#permissions = deps.permissions
    this.#recent = deps.recent
    this.#log = deps.log
  }

  /** Keeps an answer, if it admits and says as of when it is; remembers here that it refuses. */
  keep(
    applicant: Applicant,
    { asOf, ...access }: AuthorizationsReply['results'][number],
    incarnation: string | undefined,
  ): void {
    const { role, version, canBroadcast, sessionLives } = access
    if (role === null || !sessionLives) {
      // Version 0 stands for no board.
      const refusedAt = sessionLives && version > 0 ? version : Number.POSITIVE_INFINITY
      this.#refusedAt.set(nameOf(applicant), refusedAt)
      dropOldest(this.#refusedAt, MAX_REFUSALS)
      return
    }
    if (asOf === undefined || incarnation === undefined) return
    const entry: Entry = { role, version, canBroadcast, asOf, incarnation }
    this.#permissions.set(applicant, JSON.stringify(entry)).catch((error) => {
      this.#log.debug({ err: error }, 'an answer cannot be kept')
    })
  }

  /**
   * What an applicant may do, from what was kept where that is proved, else from the API.
   * @param onLookup called with whether the API has to be asked: `miss`
   */
  before(askApi: ApiAccess, onLookup: (outcome: 'hit' | 'miss') => void): ApiAccess {
    return async (applicant, trace) => {
      const entry = await this.#read(applicant)
      if (!entry || !this.#isProved(applicant, entry)) {
        onLookup('miss')
        return askApi(applicant, trace)
      }
      onLookup('hit')
      const { role, version, canBroadcast } = entry
      return { role, version, canBroadcast, boardExists: true, sessionLives: true }
    }
  }

  #isProved(applicant: Applicant, entry: Entry): boolean {
    const refusedAt = this.#refusedAt.get(nameOf(applicant)) ?? -1
    return entry.version > refusedAt && this.#recent.proves({ ...applicant, ...entry })
  }

  async #read(applicant: Applicant): Promise<Entry | undefined> {
    try {
      const text = await this.#permissions.get(applicant)
      const entry: unknown = text === undefined ? undefined : JSON.parse(text)
      return schema.Check(entry) ? entry : undefined
    } catch (error) {
      this.#log.debug({ err: error }, 'what was kept cannot be read')
      return undefined
    }
  }
}

function nameOf({ boardId, userId, sessionId }: Applicant): string {
  return [boardId, userId, sessionId].join(' ')
}
