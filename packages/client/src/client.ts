import type { BoardRole, EditRefusal } from '@mindfuse/protocol'
import type { User } from './api/account.ts'
import { type Api, createApi } from './api/api.ts'
import { type LinkInput, type LinkPreview, linkEntry } from './api/links.ts'
import { createRequest } from './api/request.ts'
import { createSend } from './api/send.ts'
import { createTransfer } from './assets/transfer.ts'
import type { AccessToken, GetToken } from './auth/access-token.ts'
import { keyToken } from './auth/key-token.ts'
import { sessionToken } from './auth/session-token.ts'
import { TokenShare } from './auth/token-share.ts'
import { Tokens } from './auth/tokens.ts'
import { Board } from './board/board.ts'
import { BoardSession } from './board/board-session.ts'
import { guardUnload } from './board/unload-guard.ts'
import type { Channel } from './channels/channel.ts'
import { Channels } from './channels/channels.ts'
import type { ChannelOptions, ChannelSendStatus, ChannelTopic } from './channels/types.ts'
import type { HeartbeatState } from './connection/socket.ts'
import { type Environment, resolveEnvironment } from './environment.ts'
import { MindfuseError } from './errors.ts'
import { Events } from './events/events.ts'
import {
  countUnsaved,
  forgetBoards,
  IndexedDbBoardStore,
  isBoardKept,
} from './storage/indexed-db.ts'
import { FileDatabase } from './storage/indexed-db-files.ts'

/** The options of {@link createClient}. */
export interface ClientOptions {
  /** The API's origin, `https://api.example`. */
  apiUrl: string
  /** The gateway's address, which ends in `/ws`: `wss://realtime.example/ws`. */
  realtimeUrl: string
  /** Fetches an access token; by default with the session cookie. */
  getToken?: GetToken
  /** The key of a workspace, `mf_…`, in place of access tokens. For programs, never for pages. */
  key?: string
  /**
   * The id of the signed-in user. With it, the tabs of this user renew their token once between them,
   * IndexedDB keeps edits and files until they are saved, and no token of another user is accepted. Without it,
   * none of another than the first is.
   */
  userId?: string
  /** A dead connection is detected within this time, seconds; by default as the gateway asks. */
  heartbeatSeconds?: number
  /** Replacements for what the platform has, or lacks: Node 20 needs a `WebSocket`. */
  environment?: Partial<Environment>
}

/** A board that a link has opened, and as whom and what. */
export interface OpenedBoard {
  board: Board
  role: BoardRole
  user: User
}

/** A board of which this machine keeps work that the server may not have. */
export interface UnsentBoard {
  boardId: string
  /** Edits, as they were stored. */
  edits: number
  /** Files that wait for their upload. */
  files: number
}

/** A user's access to the API and to boards. */
export interface Client {
  /**
   * The routes of the API as methods.
   *
   * @example
   * ```ts
   * const { items } = await client.api.workspaces.list({ limit: 10 })
   * const sketch = await client.api.boards.create(items[0].id, { name: 'Sketch' })
   * await client.api.boards.update(sketch.id, { name: 'Sketch 2' })
   * ```
   */
  readonly api: Api
  /**
   * Opens a board and connects it; returns the same object while the board is open.
   *
   * @throws MindfuseError `closed` after {@link close}
   *
   * @example
   * ```ts
   * const board = client.board(boardId)
   * board.on('status', (state) => {
   *   if (state.kind === 'offline') show(`Reconnecting at ${new Date(state.retryAt).toISOString()}`)
   *   if (state.kind === 'denied') show(state.reason)
   * })
   * ```
   */
  board(id: string): Board
  /**
   * What a link leads to, and what it asks for. Anybody with the link may know.
   *
   * @throws MindfuseError `link_not_found`, `link_revoked`, `link_expired` or `board_gone`
   */
  previewLink(token: string): Promise<LinkPreview>
  /**
   * Opens the board that a link leads to: under the account of who is signed in, else as a guest, whom
   * the browser remembers. A guest may only look until they give a name. Guests are no user that a client
   * is created with: leave out `userId`.
   *
   * @throws MindfuseError as {@link previewLink}, or `password_required`, `password_wrong`,
   * `too_many_passwords`, `guests_not_allowed`, `invite_predates_removal`, `signed_in_as_another`
   *
   * @example
   * ```ts
   * const { token } = await client.api.links.create(boardId, { role: 'editor' })
   * if (token) {
   *   const { board, role, user } = await client.openLink(token, { name: 'Grace' })
   *   show(`${user.name} is ${role} of ${board.id}`)
   * }
   * ```
   */
  openLink(token: string, input?: LinkInput): Promise<OpenedBoard>
  /**
   * Follows changes of your lists of boards, workspaces, members and invites, or of those in one
   * workspace.
   *
   * @throws MindfuseError `closed` after {@link close}
   *
   * @example
   * ```ts
   * const events = client.events()
   * await new Promise((resolve) => events.on('boards', resolve))
   * show(events.boards)
   * ```
   */
  events(options?: { workspaceId?: string | undefined }): Events
  /**
   * The channel of a workspace or a board; the same object until it is left. `subscribe` connects it, over
   * one WebSocket for all channels of the client.
   *
   * @throws TypeError unless the topic is `workspace:<id>` or `board:<id>`
   *
   * @example
   * ```ts
   * const channel = client.channel(`board:${boardId}`, { broadcast: { ack: true } })
   * channel.on('broadcast', { event: '*' }, ({ event, payload }) => show([event, payload]))
   * channel.subscribe((status, error) => show(error ?? status))
   * show(await channel.send({ type: 'broadcast', event: 'wave', payload: { hand: 'left' } }))
   * ```
   */
  channel(topic: ChannelTopic, options?: ChannelOptions | { config: ChannelOptions }): Channel
  /** The channels of this client that were not left. */
  getChannels(): Channel[]
  /** Leaves a channel. */
  removeChannel(channel: Channel): Promise<ChannelSendStatus>
  /** Leaves all channels. */
  removeAllChannels(): Promise<ChannelSendStatus[]>
  /**
   * Uses a new access token, for requests and for connections, those that end with their token among them: this
   * one, or without an argument what `getToken` returns. Tokens are renewed in time without it.
   *
   * @throws MindfuseError `signed_in_as_another`, and what `getToken` throws
   *
   * @example
   * ```ts
   * await client.setAuth()
   * ```
   */
  setAuth(token?: AccessToken): Promise<void>
  /**
   * Calls `listener` when the connection of channels is checked, and when it is lost.
   *
   * @returns a function that removes the listener
   */
  onHeartbeat(listener: (state: HeartbeatState) => void): () => void
  /** Whether every edit and every file on every open board is saved. */
  readonly saved: boolean
  /**
   * The boards with edits or files that this machine keeps for the user and the server may not have: those of earlier
   * pages and of other tabs too. Empty without `userId`.
   *
   * @example
   * ```ts
   * for (const { boardId } of await client.unsentBoards()) await client.sendUnsent(boardId)
   * ```
   */
  unsentBoards(): Promise<UnsentBoard[]>
  /**
   * Sends what this machine keeps of a board, which need not be open. Resolves once the server has stored it.
   *
   * @throws MindfuseError `read_only` where the user may not edit the board any longer, what {@link Board.whenSaved}
   * throws, or the reason of `signal`
   *
   * @example
   * ```ts
   * await client.sendUnsent(boardId, { signal: AbortSignal.timeout(10_000) })
   * ```
   */
  sendUnsent(boardId: string, options?: { signal?: AbortSignal }): Promise<void>
  /**
   * Whether this machine keeps what the user saw of a board, on this page or before: also where they have no access to
   * it any longer, which the API does not tell from a board that never was theirs. False without `userId`.
   *
   * @example
   * ```ts
   * const wasOpen = await client.keepsBoard(boardId)
   * ```
   */
  keepsBoard(boardId: string): Promise<boolean>
  /**
   * Makes the browser ask before the page is left while an edit or a file is unsaved.
   *
   * @returns a function that removes the guard
   *
   * @example
   * ```ts
   * const stopGuarding = client.guardUnload(window)
   * stopGuarding()
   * ```
   */
  guardUnload(page: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>): () => void
  /**
   * Closes everything and deletes what this machine stored for the user. Call it at sign-out.
   *
   * @example
   * ```ts
   * await client.forget()
   * ```
   */
  forget(): Promise<void>
  /** Closes all boards, channels and event streams. */
  close(): Promise<void>
}

/**
 * Creates a client, which connects to nothing by itself.
 *
 * @throws TypeError if an address is invalid, the platform has no WebSocket, or a key is given in a browser
 *
 * @example
 * ```ts
 * const client = createClient({
 *   apiUrl: 'https://api.example',
 *   realtimeUrl: 'wss://realtime.example/ws',
 *   userId,
 *   environment, // not needed in browsers, or in Node 22 and later
 * })
 * await client.close()
 * ```
 */
export function createClient(options: ClientOptions): Client {
  const environment = resolveEnvironment(options.environment)
  const apiUrl = new URL(options.apiUrl).href.replace(/\/$/, '')
  const realtimeUrl = new URL(options.realtimeUrl).href.replace(/\/$/, '')
  const { userId, heartbeatSeconds = Number.POSITIVE_INFINITY } = options
  const storePrefix = userId === undefined ? undefined : `mindfuse:${apiUrl}:${userId}:`
  const { indexedDB, random, fetch } = environment
  const tokens = new Tokens({
    getToken: getTokenOf(options) ?? sessionToken(apiUrl, fetch),
    random,
    userId,
    share: userId === undefined ? undefined : new TokenShare(`${apiUrl}:${userId}`, environment),
  })
  const send = createSend({ apiUrl, tokens, fetch })
  const api = createApi(createRequest(send), () => tokens.renew())
  const channels = new Channels({
    url: realtimeUrl.replace(/\/ws$/, '/channels'),
    tokens,
    environment,
    maxHeartbeatSeconds: heartbeatSeconds,
    httpSend: (topic, event, payload) => {
      const [place, id = ''] = topic.split(':')
      return api[place === 'board' ? 'boards' : 'workspaces'].broadcast(id, event, payload)
    },
  })
  const links = linkEntry({ apiUrl, fetch, getToken: options.getToken })
  const files = storePrefix && indexedDB ? new FileDatabase(storePrefix, indexedDB) : undefined
  const boards = new Map<string, { board: Board; session: BoardSession }>()
  /** Those of {@link boards}, and those that only send what is kept. */
  const sessions = new Set<BoardSession>()
  const streams = new Set<Events>()
  let isClosed = false

  const wake = () => {
    for (const session of sessions) session.wake()
    for (const stream of streams) stream.wake()
    channels.socket.wake()
  }
  const stopWaking = onWake(wake)

  const isSaved = () => [...boards.values()].every(({ session }) => session.isSaved)

  const openSession = (id: string, onClosed: () => void): BoardSession => {
    if (isClosed) throw new MindfuseError('closed', 'This client is closed')
    const session: BoardSession = new BoardSession({
      url: `${realtimeUrl}/${encodeURIComponent(id)}`,
      tokens,
      environment,
      maxHeartbeatSeconds: heartbeatSeconds,
      store:
        storePrefix && indexedDB
          ? new IndexedDbBoardStore(`${storePrefix}${id}`, indexedDB)
          : undefined,
      transfer: createTransfer({ boardId: id, apiUrl, send, environment }),
      files: files?.of(id),
      onClosed: () => {
        sessions.delete(session)
        onClosed()
      },
    })
    sessions.add(session)
    return session
  }

  const openBoard = (id: string): Board => {
    const open = boards.get(id)
    if (open) return open.board
    const session = openSession(id, () => boards.delete(id))
    const board = new Board(id, session)
    boards.set(id, { board, session })
    return board
  }

  const close = async () => {
    isClosed = true
    stopWaking()
    for (const stream of streams) stream.close()
    channels.socket.close()
    await Promise.all([...sessions].map((session) => session.close()))
    await files?.close()
    tokens.close()
  }

  return {
    api,
    board: openBoard,
    previewLink: links.preview,
    async openLink(token, input = {}) {
      const { user, role, boardId, accessToken, expiresAt } = await links.open(token, input)
      tokens.use({ accessToken, expiresAt, userId: user.id })
      return { board: openBoard(boardId), role, user }
    },
    events({ workspaceId } = {}) {
      if (isClosed) throw new MindfuseError('closed', 'This client is closed')
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
    channel(topic, options = {}) {
      return channels.open(topic, 'config' in options ? options.config : options)
    },
    getChannels: () => channels.all,
    removeChannel: (channel) => channel.unsubscribe(),
    removeAllChannels: () => channels.removeAll(),
    async setAuth(token) {
      if (token) tokens.use(token)
      else await tokens.renew()
    },
    onHeartbeat: (listener) => channels.socket.events.on('heartbeat', listener),
    get saved() {
      return isSaved()
    },
    async unsentBoards() {
      if (!storePrefix || !indexedDB || !files) return []
      const edits = await countUnsaved(storePrefix, indexedDB)
      const waiting = await files.countWaiting()
      return [...new Set([...edits.keys(), ...waiting.keys()])].map((boardId) => ({
        boardId,
        edits: edits.get(boardId) ?? 0,
        files: waiting.get(boardId) ?? 0,
      }))
    },
    async sendUnsent(boardId, options = {}) {
      // A session of its own, as another tab has: whoever has the board open closes that one themselves.
      const session = openSession(boardId, () => undefined)
      try {
        await sendKept(new Board(boardId, session), options)
      } finally {
        await session.close()
      }
    },
    async keepsBoard(boardId) {
      return storePrefix && indexedDB ? isBoardKept(`${storePrefix}${boardId}`, indexedDB) : false
    },
    guardUnload: (page) => guardUnload(isSaved, page),
    async forget() {
      await close()
      if (storePrefix && indexedDB) await forgetBoards(storePrefix, indexedDB)
    },
    close,
  }
}

/** Refusals of edits that are not sent again by themselves. */
const FINAL_REFUSALS: readonly EditRefusal[] = [
  'too_large',
  'too_complex',
  'unsupported_content',
  'board_full',
]

/** Resolves once everything is saved. A viewer's edits are taken back, which is no way to save them. */
function sendKept(board: Board, options: { signal?: AbortSignal }): Promise<void> {
  return new Promise((resolve, reject) => {
    board.on('reset', ({ reason }) => {
      if (reason === 'read_only') reject(new MindfuseError(reason, 'You cannot edit this board'))
    })
    board.on('rejected', (code) => {
      if (FINAL_REFUSALS.includes(code)) reject(new MindfuseError(code, 'An edit was rejected'))
    })
    board.whenSaved(options).then(resolve, reject)
  })
}

function getTokenOf({ key, getToken }: ClientOptions): GetToken | undefined {
  return key === undefined ? getToken : keyToken(key)
}

/** Calls `wake` when the page becomes visible or the machine is online again. */
function onWake(wake: () => void): () => void {
  const page = globalThis.document
  const machine = globalThis.window
  const wakeIfVisible = () => {
    if (page?.visibilityState === 'visible') wake()
  }
  machine?.addEventListener('online', wake)
  page?.addEventListener('visibilitychange', wakeIfVisible)
  return () => {
    machine?.removeEventListener('online', wake)
    page?.removeEventListener('visibilitychange', wakeIfVisible)
  }
}
