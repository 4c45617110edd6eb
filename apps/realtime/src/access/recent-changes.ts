import type { AccessChanges } from '@mindfuse/internal'

/** How long a change is remembered, milliseconds. */
export const MEMORY_MS = 120_000

/** Most boards and most sessions that are remembered. */
const MAX_REMEMBERED = 10_000

/** Nothing is proved once it is longer ago that all changes were known here, milliseconds. */
const MAX_UNHEARD_MS = 3_000

/**
 * How long nothing is proved after the database went back, milliseconds: numbers are given out again, and
 * what was kept of those that are lost has ended by then.
 */
const DISTRUST_MS = 120_000

interface Remembered {
  /** The change has this number, a lower one, or one that is still to be heard of. */
  upTo: number
  receivedAt: number
}

/** Boards whose access changed, and sessions that ended. */
export interface NewChanges {
  boardIds: string[]
  sessionIds: Set<string>
}

/** An answer of the API that was kept. */
export interface KeptAnswer {
  boardId: string
  sessionId: string
  /** The board's access version in it. */
  version: number
  /** It includes all changes up to this number. */
  asOf: number
  /** Of the database that gave the number. */
  incarnation: string
}

/**
 * What changed lately who may do what: boards' newest access versions, and sessions that ended. It knows
 * above which number nothing is missing, so it can tell whether an earlier answer of the API is still so.
 */
export class RecentChanges {
  readonly #versions = new Map<string, Remembered & { version: number }>()
  readonly #endedSessions = new Map<string, Remembered>()
  /** Every change above this number is here, up to the newest that was heard of. */
  #from: number | undefined
  #upTo: number | undefined
  #incarnation: string | undefined
  /** Every change that was committed before this time is known, by the clock of `performance.now()`. */
  #knownAt = Number.NEGATIVE_INFINITY
  #trustedFrom = Number.NEGATIVE_INFINITY

  /** The number up to which all changes are known, undefined before the first. */
  get upTo(): number | undefined {
    return this.#upTo
  }

  /** What changed before these is unknown. */
  restart({ upTo, incarnation }: Pick<AccessChanges, 'upTo' | 'incarnation'>): void {
    if (this.#upTo !== undefined && (upTo < this.#upTo || incarnation !== this.#incarnation)) {
      this.#versions.clear()
      this.#endedSessions.clear()
      this.#trustedFrom = performance.now() + DISTRUST_MS
    }
    this.#from = upTo
    this.#upTo = upTo
    this.#incarnation = incarnation
    // Some have no number yet, and are in the next answer.
    this.#knownAt = Number.NEGATIVE_INFINITY
  }

  /**
   * Remembers changes, some of which may be known.
   * @param upTo none has a higher number; 0 where the numbers do not come with them
   * @returns those that are new
   */
  add({ access, sessions }: Pick<AccessChanges, 'access' | 'sessions'>, upTo = 0): NewChanges {
    this.#forgetOld()
    const receivedAt = performance.now()
    const sessionIds = new Set(sessions.filter((id) => !this.#endedSessions.has(id)))
    for (const id of sessions) this.#remember(this.#endedSessions, id, { upTo, receivedAt })
    const boardIds: string[] = []
    for (const { boardId, version } of access) {
      const known = this.#versions.get(boardId)?.version ?? 0
      if (version > known) boardIds.push(boardId)
      const newest = Math.max(version, known)
      this.#remember(this.#versions, boardId, { upTo, receivedAt, version: newest })
    }
    return { boardIds, sessionIds }
  }

  /**
   * Adds all changes between two numbers.
   *
   * @param knownAt those that were committed before this time are among them, also without a number
   * @returns those that are new; undefined where they do not go on from what is known here: some are left
   * out between, or the database is another
   */
  continueWith(changes: AccessChanges, knownAt: number): NewChanges | undefined {
    const { after, upTo, incarnation } = changes
    if (after === null || this.#upTo === undefined || this.#from === undefined) return undefined
    if (after > this.#upTo || incarnation !== this.#incarnation) return undefined
    const added = this.add(changes, upTo)
    this.#from = Math.min(this.#from, after)
    this.#upTo = Math.max(this.#upTo, upTo)
    this.#knownAt = Math.max(this.#knownAt, knownAt)
    return added
  }

  /** Whether no newer access to a board is known than that of a version, and no end of a session. */
  isUpToDate({ boardId, version, sessionId }: Omit<KeptAnswer, 'asOf' | 'incarnation'>): boolean {
    const newest = this.#versions.get(boardId)?.version ?? 0
    return !this.hasEnded(sessionId) && newest <= version
  }

  /** Whether a session has ended recently. */
  hasEnded(sessionId: string): boolean {
    return this.#endedSessions.has(sessionId)
  }

  /** Whether the API would still answer so: every change since is known here, and none concerns it. */
  proves(answer: KeptAnswer): boolean {
    const now = performance.now()
    return (
      this.#from !== undefined &&
      answer.incarnation === this.#incarnation &&
      answer.asOf >= this.#from &&
      now - this.#knownAt <= MAX_UNHEARD_MS &&
      now >= this.#trustedFrom &&
      this.isUpToDate(answer)
    )
  }

  #remember<Value extends Remembered>(map: Map<string, Value>, id: string, value: Value): void {
    const upTo = Math.max(value.upTo, map.get(id)?.upTo ?? 0)
    // The last received is the last in the map.
    map.delete(id)
    map.set(id, { ...value, upTo })
    if (map.size <= MAX_REMEMBERED) return
    this.#forgetOldest(map)
    // Its number may not have been heard of.
    this.#knownAt = Number.NEGATIVE_INFINITY
  }

  #forgetOld(): void {
    const horizon = performance.now() - MEMORY_MS
    for (const map of [this.#versions, this.#endedSessions]) {
      for (const { receivedAt } of map.values()) {
        if (receivedAt >= horizon) break
        this.#forgetOldest(map)
      }
    }
  }

  #forgetOldest(map: Map<string, Remembered>): void {
    for (const [id, { upTo }] of map) {
      map.delete(id)
      if (this.#from !== undefined) this.#from = Math.max(this.#from, upTo)
      return
    }
  }
}
