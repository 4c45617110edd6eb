import type { AnnouncedLimits, ServerMessage } from '@mindfuse/protocol'
import { Emitter } from '../emitter.ts'
import { MindfuseError } from '../errors.ts'
import { OwnDrafts, type OwnDraftsDeps } from './own-drafts.ts'
import { RemoteDrafts, type UserDrafts } from './remote-drafts.ts'

/** The events of drafts, with what their listeners receive. */
export interface DraftEvents {
  /** Something of others' drafts changed; all of them, by connection. */
  change: [others: ReadonlyMap<string, UserDrafts>]
}

/**
 * What is being drawn, moved or resized now, before it is committed to the document: others see it as it
 * happens, and nothing of it is stored.
 *
 * @example
 * ```ts
 * const stroke = { color: 'red', points: [[0, 0]] }
 * board.drafts.set('stroke', stroke)
 * stroke.points.push([3, 4])
 * board.drafts.set('stroke', stroke)
 * board.edit((doc) => doc.getMap('shapes').set('line', stroke))
 * board.drafts.remove('stroke')
 * ```
 */
export class Drafts {
  readonly #canEdit: () => boolean
  readonly #events = new Emitter<DraftEvents>()
  readonly #own: OwnDrafts
  readonly #remote = new RemoteDrafts(() => this.#events.emit('change', this.others()))
  #connectionId: string | undefined

  /** @internal */
  constructor({ canEdit, ...deps }: OwnDraftsDeps & { canEdit: () => boolean }) {
    this.#canEdit = canEdit
    this.#own = new OwnDrafts(deps)
  }

  /**
   * Calls `listener` at each event. @returns a function that removes the listener
   *
   * @example
   * ```ts
   * board.drafts.on('change', (others) => {
   *   for (const { user, drafts } of others.values()) show([user.name, ...drafts.values()])
   * })
   * ```
   */
  readonly on: Emitter<DraftEvents>['on'] = (event, listener) => this.#events.on(event, listener)

  /** What others are drawing, by connection. The same object until it changes. */
  others(): ReadonlyMap<string, UserDrafts> {
    return this.#remote.others
  }

  /**
   * Shows others what you are drawing. Call it at every move, with all of it: what is new is sent 15 times a
   * second, and of arrays that are fields of `value`, such as the points of a stroke, only what was
   * appended. It stays until {@link remove}, also across a reconnect, while you can edit and the board is open.
   *
   * @param id a name of your choice, 1 to 64 characters
   * @param value any JSON; all of your drafts have 64 KiB together
   * @throws MindfuseError `read_only` unless you can edit, `too_large`, `too_many` beyond 16 drafts
   *
   * @example
   * ```ts
   * board.drafts.set('move', { shapes: ['circle'], dx: 12, dy: 7 })
   * ```
   */
  set(id: string, value: unknown): void {
    if (!this.#canEdit()) throw new MindfuseError('read_only', 'This board is read-only')
    this.#own.set(id, value)
  }

  /**
   * Ends a draft: after the edit that commits it, or because it was given up.
   *
   * @example
   * ```ts
   * board.drafts.remove('move')
   * ```
   */
  remove(id: string): void {
    this.#own.remove(id)
  }

  /** @internal */
  connected(hello: { connectionId: string; limits: AnnouncedLimits }): void {
    this.#connectionId = hello.connectionId
    this.#own.connected(hello.limits)
  }

  /** @internal */
  disconnected(): void {
    this.#own.disconnected()
  }

  /** You cannot edit any longer. @internal */
  discard(): void {
    this.#own.clear()
  }

  /** The board is closed. @internal */
  close(): void {
    this.#own.clear()
    this.#remote.clear()
  }

  /** @returns whether the message was about drafts @internal */
  receive(message: ServerMessage): boolean {
    if (message.type === 'draft:sync') this.#remote.receive(message.drafts, this.#connectionId)
    else if (message.type === 'draft:rejected') this.#own.reject()
    else return false
    return true
  }
}
