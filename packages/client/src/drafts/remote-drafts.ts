import {
  DRAFT_LIFETIME_MS,
  mergeDraftChanges,
  type PresenceUser,
  type SentDraft,
  type WholeDraft,
} from '@mindfuse/protocol'

/** What one connection is drawing: a user with two tabs has two. */
export interface UserDrafts {
  connectionId: string
  user: PresenceUser
  /** The values, any JSON, by the id that their sender chose; check them before you use them. */
  drafts: ReadonlyMap<string, unknown>
}

interface RemoteDraft {
  connectionId: string
  user: PresenceUser
  whole: WholeDraft
  timer: ReturnType<typeof setTimeout>
}

/** The drafts of others, until they end, or nothing more of them arrives. */
export class RemoteDrafts {
  readonly #onChange: () => void
  readonly #drafts = new Map<string, RemoteDraft>()
  /** Undefined where it has changed since it was built. */
  #others: ReadonlyMap<string, UserDrafts> | undefined

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** By connection. The same object until something changes. */
  get others(): ReadonlyMap<string, UserDrafts> {
    this.#others ??= byConnection(this.#drafts.values())
    return this.#others
  }

  /** @param ownId the connection of this client, whose drafts are not others' */
  receive(drafts: readonly SentDraft[], ownId: string | undefined): void {
    const changed = drafts.filter((draft) => draft.connectionId !== ownId && this.#receive(draft))
    if (changed.length > 0) this.#changed()
  }

  clear(): void {
    if (this.#drafts.size === 0) return
    for (const { timer } of this.#drafts.values()) clearTimeout(timer)
    this.#drafts.clear()
    this.#changed()
  }

  /** @returns whether it changed anything */
  #receive({ connectionId, user, change }: SentDraft): boolean {
    const key = `${connectionId} ${change.id}`
    const known = this.#drafts.get(key)
    clearTimeout(known?.timer)
    if ('ended' in change) return this.#drafts.delete(key)
    const sender = user ?? known?.user
    const whole = 'value' in change ? change : known && mergeDraftChanges(known.whole, change)
    // What was appended to a draft that is not known: all of it follows within a second.
    if (!whole || !sender) return false
    const timer = setTimeout(() => this.#drop(key), DRAFT_LIFETIME_MS)
    this.#drafts.set(key, { connectionId, user: sender, whole, timer })
    return whole !== known?.whole
  }

  /** Its sender is gone. */
  #drop(key: string): void {
    this.#drafts.delete(key)
    this.#changed()
  }

  #changed(): void {
    this.#others = undefined
    this.#onChange()
  }
}

function byConnection(drafts: Iterable<RemoteDraft>): ReadonlyMap<string, UserDrafts> {
  const senders = new Map<string, UserDrafts & { drafts: Map<string, unknown> }>()
  for (const { connectionId, user, whole } of drafts) {
    const sender = senders.get(connectionId) ?? { connectionId, user, drafts: new Map() }
    sender.drafts.set(whole.id, whole.value)
    senders.set(connectionId, sender)
  }
  return senders
}
