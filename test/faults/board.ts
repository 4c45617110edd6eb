import { type Answer, callApi, connectWhiteboard } from '@mindfuse/testing'
import type { Doc } from 'yjs'
import { storedDocument } from './document-of.ts'
import type { Edit } from './edits.ts'
import { Guest } from './guest.ts'
import type { Random } from './random.ts'
import { StockTab } from './stock-tab.ts'
import type { Tab } from './tab.ts'
import { WhiteboardTab } from './whiteboard-tab.ts'
import type { World } from './world.ts'

/** How often each tab draws, milliseconds. */
const STROKE_EVERY_MS = [15, 40] as const

/** What each board's tabs are; those that only read come last. */
const TABS = [
  { protocol: 'whiteboard', draws: true },
  { protocol: 'whiteboard', draws: true },
  { protocol: 'stock', draws: true },
  { protocol: 'stock', draws: false },
] as const

/** A board under trial, the tabs that are open on it, and all that was ever drawn. */
export class Board {
  readonly id: string
  readonly #world: World
  readonly #tokens: readonly string[]
  readonly #random: Random
  /** Of tabs that were killed. */
  readonly #closed: Tab[] = []
  #tabs: Tab[] = []
  /** The person who loses access in this round. */
  #guest: Guest | undefined
  #opened = 0
  #isWriting = false

  /** @param tokens of people who may draw here, the owner first */
  constructor(world: World, id: string, tokens: readonly string[], random: Random) {
    this.#world = world
    this.id = id
    this.#tokens = tokens
    this.#random = random
    this.#tabs = TABS.map((_, i) => this.#open(i))
  }

  get tabs(): readonly Tab[] {
    return this.#tabs
  }

  /** All edits of all tabs there ever were. */
  get edits(): Edit[] {
    return this.#all.flatMap(({ edits }) => edits)
  }

  /** Messages to tabs that must not be sent; returned once. */
  takeFaults(): string[] {
    return this.#all.flatMap(({ faults }) => faults.splice(0))
  }

  get #all(): Tab[] {
    return [...this.#closed, ...this.#tabs, ...(this.#guest?.tabs ?? [])]
  }

  /** Kills tabs and opens new ones, which know nothing, in their places. */
  killTabs(indexes: readonly number[]): void {
    for (const i of indexes) {
      const tab = this.#tabs[i]
      if (!tab) continue
      tab.kill()
      this.#closed.push(tab)
      this.#tabs[i] = this.#open(i)
    }
  }

  /** Lets a person in, who draws with everybody until {@link dismissGuest}. */
  async inviteGuest(): Promise<Guest> {
    this.#guest = await Guest.join(this.#world, this, this.#random)
    return this.#guest
  }

  dismissGuest(): void {
    const { tabs = [] } = this.#guest ?? {}
    for (const tab of tabs) tab.kill()
    this.#closed.push(...tabs)
    this.#guest = undefined
  }

  startWriting(): void {
    this.#isWriting = true
    for (const [i, { draws }] of TABS.entries()) {
      if (draws) this.#keepWriting(() => this.#tabs[i])
    }
    for (const tab of this.#guest?.tabs ?? []) this.#keepWriting(() => tab)
  }

  stopWriting(): void {
    this.#isWriting = false
  }

  /** Every drawing tab makes this many edits at once. */
  burst(edits: number): void {
    for (const [i, { draws }] of TABS.entries()) {
      for (let n = 0; draws && n < edits; n++) this.#tabs[i]?.write()
    }
  }

  /** Makes many requests at once, of which it needs none; upgrades without a valid token, too. */
  flood(requests: number): void {
    for (let i = 0; i < requests; i++) {
      const isWrite = i % 4 === 0
      const request = isWrite
        ? this.call('/invites', 'POST', { role: 'viewer' })
        : this.call(i % 2 ? '/members' : '', 'GET')
      request.catch(() => undefined)
      const url = this.#random.pick(this.#world.realtimeUrls)
      connectWhiteboard({ realtimeUrl: url, boardId: this.id, token: 'none' }).catch(
        () => undefined,
      )
    }
  }

  /** A client that sees the board for the first time. */
  openFresh(): StockTab {
    return new StockTab({
      name: 'fresh',
      boardId: this.id,
      token: this.#tokens[0] ?? '',
      realtimeUrl: () => this.#random.pick(this.#world.realtimeUrls),
      random: this.#random,
    })
  }

  /** Asks for the board to go to the trash, which may fail. */
  async trash(): Promise<void> {
    await this.call('', 'DELETE').catch(() => undefined)
  }

  /** Asks for it back. @returns whether it is there */
  async restore(): Promise<boolean> {
    await this.call('/restore', 'POST')
    return (await this.call('', 'GET')).status === 200
  }

  /**
   * The document that Postgres has, past every service, read and put together by hand. What builds on
   * edits that were lost with their authors before they were acknowledged as saved is left out.
   */
  stored(): Promise<Doc> {
    const { postgres } = this.#world
    return storedDocument((text, values) => postgres.query(text, values), this.id)
  }

  /** For reports of what is missing: the numbers of the stored updates. */
  async storedNumbers(): Promise<string> {
    const [row] = await this.#world.postgres.query(
      `SELECT seq, snapshot_seq AS "snapshotSeq",
         (SELECT string_agg(u.seq::text, ',' ORDER BY u.seq) FROM board_updates u
          WHERE u.board_id = d.board_id) AS updates,
         (SELECT string_agg(q.seq || ' ' || q.reason, ',') FROM quarantined_updates q
          WHERE q.board_id = d.board_id) AS quarantined
       FROM board_documents d WHERE board_id = $1`,
      [this.id],
    )
    return JSON.stringify(row)
  }

  close(): void {
    this.stopWriting()
    this.dismissGuest()
    for (const tab of this.#tabs) tab.kill()
  }

  /** Requests something as the board's owner. */
  call(path: string, method: string, body?: unknown): Promise<Answer> {
    const token = this.#tokens[0] ?? ''
    return callApi(`${this.#world.apiUrl}/api/boards/${this.id}${path}`, { token, method, body })
  }

  #keepWriting(pen: () => Tab | undefined): void {
    if (!this.#isWriting) return
    pen()?.write()
    setTimeout(() => this.#keepWriting(pen), this.#random.between(...STROKE_EVERY_MS))
  }

  #open(i: number): Tab {
    const options = {
      name: `${TABS[i]?.protocol}-${i}-${this.#opened++}`,
      boardId: this.id,
      token: this.#tokens[i % this.#tokens.length] ?? '',
      realtimeUrl: () => this.#random.pick(this.#world.realtimeUrls),
      random: this.#random,
    }
    return TABS[i]?.protocol === 'stock' ? new StockTab(options) : new WhiteboardTab(options)
  }
}
