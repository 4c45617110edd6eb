import { type Answer, callApi, eventually, type SignedIn, signIn } from '@mindfuse/testing'
import type { Board } from './board.ts'
import { HEAL_WITHIN_MS } from './checks.ts'
import { type Edit, idsIn } from './edits.ts'
import type { Random } from './random.ts'
import { WhiteboardTab } from './whiteboard-tab.ts'
import type { World } from './world.ts'

/** The ways in which a guest loses access. */
export const LOSSES = ['removed', 'made a viewer', 'signed out'] as const

/** One of {@link LOSSES}. */
export type Loss = (typeof LOSSES)[number]

/** How long one request may take before it is made again, milliseconds. */
const REQUEST_TIMEOUT_MS = 3_000

/** How long after the loss was confirmed something was still possible, milliseconds; 0 if never. */
export interface Exposure {
  /** The newest edit of others that was received, by when it was made. */
  receivedMs: number
  /** The newest edit of the guest that is stored, by when it was made. */
  storedMs: number
  /** The last attempt to connect that was admitted, by when it began. */
  admittedMs: number
  /** Whether the guest was let in again after it had been sent away. */
  wasReadmitted: boolean
}

let guests = 0

/** A person on a board, with a tab at each gateway, who loses access while everybody draws. */
export class Guest {
  readonly tabs: readonly WhiteboardTab[]
  readonly #board: Board
  readonly #who: SignedIn
  readonly #world: World
  #loss: Loss | undefined
  #askedAt = Number.POSITIVE_INFINITY
  #isOver = false
  /** What the last request was answered that did not confirm the loss. */
  #refusal = 'nothing'
  #lostAt = Number.POSITIVE_INFINITY

  private constructor(world: World, board: Board, who: SignedIn, random: Random) {
    this.#board = board
    this.#who = who
    this.#world = world
    this.tabs = world.realtimeUrls.map(
      (url, i) =>
        new WhiteboardTab({
          name: `guest-${guests}-${i}`,
          boardId: board.id,
          token: who.accessToken,
          realtimeUrl: () => url,
          random,
          mayLoseAccess: true,
        }),
    )
  }

  /** Resolves once the guest has the board open. A new person each time: nothing is cached of them. */
  static async join(world: World, board: Board, random: Random): Promise<Guest> {
    const who = await signIn(world.apiUrl, `guest-${++guests}@example.com`)
    await world.postgres.query(
      `INSERT INTO board_members (board_id, user_id, role) VALUES ($1, $2, 'editor')`,
      [board.id, who.user.id],
    )
    const guest = new Guest(world, board, who, random)
    await eventually('the guest is there', () => guest.tabs.every((tab) => tab.isSettled))
    return guest
  }

  /** Whether the loss was confirmed to who asked for it. */
  get isLost(): boolean {
    return this.#lostAt < Number.POSITIVE_INFINITY
  }

  /** Takes access away; asks until it is confirmed, or until {@link giveUp}. */
  async lose(loss: Loss): Promise<void> {
    this.#askedAt = performance.now()
    const isDone = async () => {
      const { status, body } = await withTimeout(this.#request(loss))
      this.#refusal = `${status} ${JSON.stringify(body)}`
      // An earlier request may have done it without an answer.
      return status < 300 || (status === 401 ? loss === 'signed out' : await this.#isNoMember())
    }
    while (!this.#isOver && !this.isLost) {
      const done = isDone().catch((error) => {
        this.#refusal = `${error}`
        return false
      })
      if (await done) this.confirm(loss)
    }
  }

  /** What was said last to who asked for the loss. */
  get refusal(): string {
    return this.#refusal
  }

  /** From now on the guest is judged as somebody who lost access, whether that is so or not. */
  confirm(loss: Loss): void {
    this.#loss = loss
    this.#lostAt = performance.now()
  }

  giveUp(): void {
    this.#isOver = true
  }

  /**
   * Waits until every gateway treats the guest as one who lost access.
   * @returns what is still wrong
   */
  async checkGone(): Promise<string[]> {
    const early = this.tabs.filter(({ sentAwayAt = this.#askedAt }) => sentAwayAt < this.#askedAt)
    if (early.length > 0) return [`${early[0]?.name} was sent away before access was taken`]
    if (this.#loss === 'made a viewer') return []
    const since = performance.now()
    const isRefused = (tab: WhiteboardTab) =>
      !tab.isConnected &&
      tab.attempts.some(
        ({ startedAt, outcome }) =>
          startedAt > since && (outcome === 401 || outcome === 403 || outcome === 404),
      )
    try {
      await eventually(
        `the guest, ${this.#loss}, is refused by every gateway`,
        () => this.tabs.every(isRefused),
        HEAL_WITHIN_MS,
      )
      return []
    } catch (error) {
      const states = this.tabs.map(
        ({ name, isConnected, attempts }) =>
          `${name}: connected: ${isConnected}, last attempt: ${JSON.stringify(attempts.at(-1))}`,
      )
      return [[(error as Error).message, ...states].join('\n')]
    }
  }

  /** What was possible after the loss. @param stored what PostgreSQL has of the board */
  async exposure(): Promise<Exposure> {
    const since = (times: readonly number[]) => Math.max(0, ...times.map((at) => at - this.#lostAt))
    const stored = idsIn(await this.#board.stored())
    // What was removed is still there for whom the removal did not reach: that says nothing.
    const isAdd = ({ kind }: Edit) => kind === 'add'
    const own = new Set(this.tabs.flatMap(({ edits }) => edits).filter(isAdd))
    const others = this.#board.edits.filter((edit) => isAdd(edit) && !own.has(edit))
    const received = new Set(this.tabs.flatMap(({ doc }) => [...idsIn(doc)]))
    const admitted = this.tabs.flatMap(({ attempts, sentAwayAt }) =>
      attempts
        .filter(({ outcome }) => outcome === 'admitted')
        .map(({ startedAt }) => ({ startedAt, isAgain: startedAt > (sentAwayAt ?? startedAt) })),
    )
    const isViewer = this.#loss === 'made a viewer'
    return {
      receivedMs: isViewer
        ? 0
        : since(others.filter(({ id }) => received.has(id)).map(({ madeAt }) => madeAt)),
      storedMs: since([...own].filter(({ id }) => stored.has(id)).map(({ madeAt }) => madeAt)),
      admittedMs: isViewer ? 0 : since(admitted.map(({ startedAt }) => startedAt)),
      wasReadmitted: !isViewer && admitted.some(({ isAgain }) => isAgain),
    }
  }

  /** What happened, and when, counted from the confirmation of the loss. */
  async story(): Promise<string> {
    const at = (ms: number | undefined) =>
      ms === undefined ? 'never' : `at ${Math.round(ms - this.#lostAt)} ms`
    const tabs = this.tabs.map(({ name, attempts, closes, sentAwayAt }) => {
      const admitted = attempts.filter(({ outcome }) => outcome === 'admitted')
      const times = admitted.map(({ startedAt }) => at(startedAt)).join(', ')
      const ends = closes.map((close) => `${at(close.at)} with ${close.code}`).join(', ')
      return `${name} was admitted ${times || 'never'}, closed ${ends || 'never'}, and sent away ${at(sentAwayAt)}; last attempt: ${JSON.stringify(attempts.at(-1))}, ${attempts.length} in all`
    })
    const events = await this.#world.postgres.query(
      `SELECT type, (extract(epoch FROM clock_timestamp() - created_at) * 1000)::float AS "createdMsAgo",
         (extract(epoch FROM clock_timestamp() - published_at) * 1000)::float AS "publishedMsAgo"
       FROM events WHERE user_id = $1 OR data::text LIKE '%' || $2 || '%' ORDER BY created_at`,
      [this.#who.user.id, this.#sessionId],
    )
    const now = performance.now()
    const told = events.map(
      ({ type, createdMsAgo, publishedMsAgo }) =>
        `${type} was committed ${at(now - createdMsAgo)}, published ${at(publishedMsAgo === null ? undefined : now - publishedMsAgo)}`,
    )
    return [`The loss was asked for ${at(this.#askedAt)}.`, ...told, ...tabs].join('\n')
  }

  get #sessionId(): string {
    const [, payload = ''] = this.#who.accessToken.split('.')
    return JSON.parse(Buffer.from(payload, 'base64url').toString()).sid
  }

  async #isNoMember(): Promise<boolean> {
    const rows = await this.#world.postgres.query(
      'SELECT FROM board_members WHERE board_id = $1 AND user_id = $2',
      [this.#board.id, this.#who.user.id],
    )
    return rows.length === 0
  }

  #request(loss: Loss): Promise<Answer> {
    const path = `/members/${this.#who.user.id}`
    switch (loss) {
      case 'removed':
        return this.#board.call(path, 'DELETE')
      case 'made a viewer':
        return this.#board.call(path, 'PUT', { role: 'viewer' })
      case 'signed out':
        return callApi(`${this.#world.apiUrl}/api/auth/logout`, {
          token: this.#who.accessToken,
          method: 'POST',
        })
    }
  }
}

function withTimeout<Value>(promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), REQUEST_TIMEOUT_MS)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
