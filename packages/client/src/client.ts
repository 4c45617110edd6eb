import { type Api, createApi } from './api/api.ts'
import { createRequest } from './api/request.ts'
import { sessionToken } from './auth/session-token.ts'
import { TokenShare } from './auth/token-share.ts'
import { type GetToken, Tokens } from './auth/tokens.ts'
import { Board } from './board/board.ts'
import { guardUnload } from './board/unload-guard.ts'
import { type Environment, resolveEnvironment } from './environment.ts'
import { MindfuseError } from './errors.ts'
import { Events } from './events/events.ts'
import { forgetBoards, IndexedDbBoardStore } from './storage/indexed-db.ts'

/** What a client is made of. */
export interface ClientOptions {
  /** The API's origin, `https://api.example`. */
  apiUrl: string
  /** The gateway's address, which ends in `/ws`: `wss://realtime.example/ws`. */
  realtimeUrl: string
  /** Fetches an access token; by default with the session's cookie. */
  getToken?: GetToken
  /**
   * The id of the person who is signed in. With it, tabs of this person renew their token once
   * between them, and edits are kept in IndexedDB until they are saved. Without it, neither.
   */
  userId?: string
  /** A dead line is noticed within this time, seconds; by default when the gateway says. */
  heartbeatSeconds?: number
  /** What to take instead of the platform's own; Node 20 needs a `WebSocket`. */
  environment?: Partial<Environment>
}

/** One person's access to the API and to boards. */
export interface Client {
  /** The API's routes. */
  readonly api: Api
  /** Opens a board, or gives the one that is open already, and connects it. */
  board(id: string): Board
  /**
   * Hears what changes in one's lists of boards, workspaces, members and invites, or of those in
   * one workspace.
   */
  events(options?: { workspaceId?: string | undefined }): Events
  /** Whether everything that was drawn on any board is stored. */
  readonly saved: boolean
  /** Lets the browser ask before a page is left that has something unsaved. */
  guardUnload(page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>): () => void
  /** Deletes what this machine keeps for the person, as when they sign out. Closes all boards. */
  forget(): Promise<void>
  /** Closes all boards and event streams. */
  close(): Promise<void>
}

/** @throws TypeError where an address is none, or the platform has no WebSocket */
export function createClient(options: ClientOptions): Client {
  const environment = resolveEnvironment(options.environment)
  const apiUrl = new URL(options.apiUrl).href.replace(/\/$/, '')
  const realtimeUrl = new URL(options.realtimeUrl).href.replace(/\/$/, '')
  const { userId, heartbeatSeconds = Number.POSITIVE_INFINITY } = options
  const kept = userId === undefined ? undefined : `mindfuse:${apiUrl}:${userId}:`
  const { indexedDB, random, fetch } = environment
  const tokens = new Tokens({
    getToken: options.getToken ?? sessionToken(apiUrl, fetch),
    random,
    share: userId === undefined ? undefined : new TokenShare(`${apiUrl}:${userId}`, environment),
  })
  const boards = new Map<string, Board>()
  const streams = new Set<Events>()
  let isClosed = false

  const wake = () => {
    for (const board of boards.values()) board.wake()
    for (const stream of streams) stream.wake()
  }
  const stopWaking = onWake(wake)

  const close = async () => {
    isClosed = true
    stopWaking()
    for (const stream of streams) stream.close()
    await Promise.all([...boards.values()].map((board) => board.close()))
    tokens.close()
  }

  return {
    api: createApi(createRequest({ apiUrl, tokens, fetch })),
    board(id) {
      if (isClosed) throw new MindfuseError('closed', 'the client was closed')
      const open = boards.get(id)
      if (open) return open
      const board = new Board({
        id,
        url: `${realtimeUrl}/${encodeURIComponent(id)}`,
        tokens,
        environment,
        maxHeartbeatSeconds: heartbeatSeconds,
        store: kept && indexedDB ? new IndexedDbBoardStore(`${kept}${id}`, indexedDB) : undefined,
        onClosed: () => boards.delete(id),
      })
      boards.set(id, board)
      return board
    },
    events({ workspaceId } = {}) {
      if (isClosed) throw new MindfuseError('closed', 'the client was closed')
      const query = workspaceId === undefined ? '' : `?workspaceId=${workspaceId}`
      const stream: Events = new Events({
        url: `${apiUrl}/api/events${query}`,
        tokens,
        environment,
        onClosed: () => streams.delete(stream),
      })
      streams.add(stream)
      return stream
    },
    get saved() {
      return [...boards.values()].every(({ saved }) => saved)
    },
    guardUnload: (page) => guardUnload(() => boards.values(), page),
    async forget() {
      await close()
      if (kept && indexedDB) await forgetBoards(kept, indexedDB)
    },
    close,
  }
}

/** Calls `wake` when a page is seen again or its machine has a network again. */
function onWake(wake: () => void): () => void {
  const page = globalThis.document
  const machine = globalThis.window
  const wakeIfSeen = () => {
    if (page?.visibilityState === 'visible') wake()
  }
  machine?.addEventListener('online', wake)
  page?.addEventListener('visibilitychange', wakeIfSeen)
  return () => {
    machine?.removeEventListener('online', wake)
    page?.removeEventListener('visibilitychange', wakeIfSeen)
  }
}
