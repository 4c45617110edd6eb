import type { Authorization } from '@mindfuse/internal'
import {
  MAX_CONNECTIONS_PER_BOARD,
  MAX_CONNECTIONS_PER_USER,
  type Problem,
} from '@mindfuse/protocol'
import { createLogger, DEVELOPMENT } from '@mindfuse/service-kit'
import { createMemorySharedState } from '@mindfuse/shared-state'
import { connectRaw } from '@mindfuse/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AccessMonitor } from '../access/access-monitor.ts'
import { RecentChanges } from '../access/recent-changes.ts'
import { Admission, MAX_PENDING_ADMISSIONS } from '../admission/admission.ts'
import { MAX_CONNECTIONS } from '../admission/capacity.ts'
import { createChannelLookup } from '../admission/channel-lookup.ts'
import { createAddressReader } from '../admission/client-address.ts'
import { createGrantLookup, type GrantLookupDeps } from '../admission/grant-lookup.ts'
import { Refusal } from '../admission/refusal.ts'
import { createNameAnswer } from '../answer-names.ts'
import { Channels } from '../channel/channels.ts'
import { Backlog } from '../connection/backlog.ts'
import type { Connection } from '../connection/connection.ts'
import { Connections } from '../connection/connections.ts'
import type { Hold } from '../connection/hold.ts'
import { UnreadDocuments } from '../connection/unread-documents.ts'
import { DeliveryClock } from '../delivery/delivery-clock.ts'
import { createMetrics } from '../metrics.ts'
import type { BoardRoom } from '../person/board-memory.ts'
import { People } from '../person/people.ts'
import { Rooms } from '../room/rooms.ts'
import { registerSockets } from '../socket/socket-behavior.ts'
import { createApiClient } from '../storage/api-client.ts'
import { listenExclusively, loadUWebSockets } from '../uws.ts'
import { registerHttpRoutes } from './routes.ts'

const HOST = '127.0.0.1'
const ORIGIN = 'https://board.example'
const BOARD = '6a5b4d3c-0f4e-4c83-9a53-6b5d0a2a8a11'
const USER = 'ada'
/** The session cookie of a page. */
const COOKIE = `mindfuse_session=${'x'.repeat(43)}`
const OWNER: Authorization = {
  role: 'owner',
  version: 1,
  canBroadcast: true,
  boardExists: true,
  sessionLives: true,
}

/** What a page with a session cookie sends. */
const PAGE = { origin: ORIGIN, cookie: COOKIE }

type Headers = Record<string, string>

type Gateway = ReturnType<typeof startGateway>
let gateway: Gateway
beforeEach(() => {
  gateway = startGateway()
})
afterEach(() => gateway.stop())

/** A gateway's sockets and routes with everything that admission decides from, for a test to change. */
function startGateway() {
  const log = createLogger({ service: 'test', level: 'silent' })
  const sharedState = createMemorySharedState()
  // Nothing answers there: rooms close again, after the upgrade.
  const api = createApiClient({ url: `http://${HOST}:1`, secret: 'a-secret-of-the-test' })
  const people = new People()
  const connections = new Connections(people)
  const unread = new UnreadDocuments(people)
  const backlog = new Backlog(people)
  const zero = () => 0
  const hold = { isHeld: false, count: 0 } as Hold
  const metrics = createMetrics({
    connections: zero,
    channelMembers: zero,
    channels: zero,
    rooms: zero,
    nearlyFullRooms: zero,
    unsavedBytes: zero,
    boardMemory: () => ({ bytes: 0, maxBytes: 0 }),
    unread,
    backlogBytes: zero,
    oldestUnsavedMs: zero,
    clock: { seconds: 0 },
    vouching: { unheardMs: 0, hold },
    sharedState,
  })
  const shared = {
    gatewayId: 'gateway',
    sharedState,
    clock: new DeliveryClock(),
    metrics,
    log,
  }
  const rooms = new Rooms({ ...shared, api, people, unread })
  const channels = new Channels(shared)
  const accessMonitor = new AccessMonitor({
    connections,
    api,
    recent: new RecentChanges(),
    sharedState,
    log,
    onPermitted: zero,
    onRenamed: zero,
    onBoardName: zero,
    onResumed: zero,
  })
  const lookups: GrantLookupDeps = {
    allowsOrigin: (origin) => origin === ORIGIN,
    verifyToken: async () => ({ sub: USER, sid: 'session', name: 'Ada', exp: 4_000_000_000 }),
    askApi: async () => OWNER,
    accessOfSession: async () => ({
      ...OWNER,
      sessionId: 'session',
      user: { id: USER, name: 'Ada' },
    }),
  }
  const capacity: { room: BoardRoom } = { room: 'free' }
  const addressOf = createAddressReader(0)
  const admission = new Admission({
    lookUpGrant: (request) => createGrantLookup(lookups)(request),
    lookUpChannel: createChannelLookup(lookups.askApi),
    accessMonitor,
    hold,
    connections,
    roomFor: () => capacity.room,
    log,
  })
  const uws = loadUWebSockets()
  const app = uws.App()
  registerSockets(app, {
    uws,
    admission,
    addressOf,
    version: 'test',
    refreshToken: async () => undefined,
    rooms,
    channels,
    connections,
    unread,
    backlog,
    people,
    hold,
    assetLimits: () => undefined,
    metrics,
    log,
  })
  const health = () => ({ connections: 0, rooms: 0 })
  registerHttpRoutes(app, {
    admission,
    addressOf,
    allowsOrigin: lookups.allowsOrigin,
    readiness: { reasons: [] },
    nameAnswer: createNameAnswer(DEVELOPMENT),
    metrics,
    health,
  })
  const listenSocket = listenExclusively(uws, app, { host: HOST, port: 0 })
  if (!listenSocket) throw new Error('no port')
  const port = uws.us_socket_local_port(listenSocket)
  const path = `/ws/${BOARD}?token=some`

  return {
    capacity,
    lookups,
    admission,
    addressOf,
    connections,
    path,
    /** Announces a newer access version of the board. */
    changeAccess: (version: number) =>
      sharedState.events.publish(
        JSON.stringify({
          seq: version,
          type: 'board.updated',
          workspaceId: null,
          boardId: BOARD,
          userId: null,
          access: [{ boardId: BOARD, version }],
          sessions: [],
        }),
      ),
    /** What an upgrade gets: 101, or the problem. */
    async upgrade(path: string, headers: Headers): Promise<{ status: number; code?: string }> {
      try {
        const client = await connectRaw(`ws://${HOST}:${port}${path}`, { headers })
        client.destroy()
        return { status: 101 }
      } catch (refused) {
        return refused as { status: number; code: string }
      }
    },
    /** What a plain GET gets. */
    async get(path: string, headers: Headers): Promise<{ status: number; code: string }> {
      const response = await fetch(`http://${HOST}:${port}${path}`, { headers })
      const { code } = (await response.json()) as Problem
      return { status: response.status, code }
    },
    async stop() {
      app.close()
      accessMonitor.stop()
      await sharedState.close()
    },
  }
}

/** Fills the gateway with connections, as far as limits look at them. */
function fill(count: number, identify: (i: number) => { boardId: string; userId: string }): void {
  for (let i = 0; i < count; i++) gateway.connections.add(identify(i) as Connection)
}

const refuse = (status: number, code: string) => async () => {
  throw new Refusal(status, code, 'Refused')
}

/** Every refusal, the request that gets it, and what makes it so. */
const REFUSALS: {
  status: number
  code: string
  path?: string
  headers?: Headers
  arrange?: () => void
}[] = [
  {
    status: 503,
    code: 'busy',
    arrange() {
      gateway.lookups.askApi = () => new Promise(() => undefined)
      const request = {
        boardId: BOARD,
        token: 'some',
        key: undefined,
        address: '192.0.2.1',
        requestId: 'request-1',
        isForChannels: false,
        sessionCookies: [],
        origin: undefined,
        isSameOriginGet: false,
        digest: undefined,
        subprotocol: '' as const,
        webSocketKey: '',
        webSocketExtensions: '',
      }
      for (let i = 0; i < MAX_PENDING_ADMISSIONS; i++) {
        void gateway.admission.decide(request, () => undefined)
      }
    },
  },
  { status: 403, code: 'origin_not_allowed', headers: { origin: 'https://evil.example' } },
  {
    status: 403,
    code: 'origin_not_allowed',
    path: `/ws/${BOARD}`,
    headers: { origin: 'https://evil.example', cookie: COOKIE },
  },
  { status: 401, code: 'token_required', path: `/ws/${BOARD}` },
  {
    status: 401,
    code: 'token_required',
    path: `/ws/${BOARD}`,
    headers: { origin: ORIGIN, cookie: `${COOKIE}x` },
  },
  { status: 403, code: 'origin_required', path: `/ws/${BOARD}`, headers: { cookie: COOKIE } },
  { status: 404, code: 'board_not_found', path: '/ws/no-id', headers: PAGE },
  {
    status: 401,
    code: 'session_ended',
    path: `/ws/${BOARD}`,
    headers: PAGE,
    arrange() {
      gateway.lookups.accessOfSession = refuse(401, 'session_ended')
    },
  },
  {
    status: 401,
    code: 'token_invalid',
    arrange() {
      gateway.lookups.verifyToken = refuse(401, 'token_invalid')
    },
  },
  {
    status: 503,
    code: 'keys_unavailable',
    arrange() {
      gateway.lookups.verifyToken = refuse(503, 'keys_unavailable')
    },
  },
  { status: 404, code: 'board_not_found', path: '/ws/no-id?token=some' },
  {
    status: 401,
    code: 'session_ended',
    arrange() {
      gateway.lookups.askApi = async () => ({ ...OWNER, sessionLives: false })
    },
  },
  {
    status: 503,
    code: 'permission_unavailable',
    arrange() {
      gateway.lookups.askApi = refuse(503, 'permission_unavailable')
    },
  },
  {
    status: 404,
    code: 'board_not_found',
    arrange() {
      gateway.lookups.askApi = async () => ({ ...OWNER, role: null })
    },
  },
  {
    status: 503,
    code: 'going_away',
    arrange() {
      gateway.admission.stop()
    },
  },
  {
    status: 503,
    code: 'access_changing',
    arrange() {
      let version = 1
      gateway.lookups.askApi = async () => {
        await gateway.changeAccess(++version)
        return OWNER
      }
    },
  },
  {
    status: 503,
    code: 'gateway_full',
    arrange: () => fill(MAX_CONNECTIONS, (i) => ({ boardId: `${i}`, userId: `${i}` })),
  },
  {
    status: 503,
    code: 'boards_full',
    arrange() {
      gateway.capacity.room = 'gateway_full'
    },
  },
  {
    status: 429,
    code: 'too_much_open',
    arrange() {
      gateway.capacity.room = 'person_full'
    },
  },
  {
    status: 429,
    code: 'too_many_connections',
    arrange: () => fill(MAX_CONNECTIONS_PER_USER, (i) => ({ boardId: `${i}`, userId: USER })),
  },
  {
    status: 429,
    code: 'board_crowded',
    arrange: () => fill(MAX_CONNECTIONS_PER_BOARD, (i) => ({ boardId: BOARD, userId: `${i}` })),
  },
  {
    status: 500,
    code: 'internal_error',
    arrange() {
      gateway.lookups.askApi = async () => {
        throw new TypeError('a fault')
      }
    },
  },
]

test.each(REFUSALS)(
  'ADM-13: $status $code is the answer to an upgrade and to a plain GET',
  async ({ status, code, path = gateway.path, headers = { origin: ORIGIN }, arrange }) => {
    arrange?.()
    expect(await gateway.upgrade(path, headers)).toEqual({ status, code })
    expect(await gateway.get(path, headers)).toEqual({ status, code })
  },
)

test('ADM-13: a plain GET says 426 where an upgrade succeeds', async () => {
  for (const [path, headers] of [
    [gateway.path, {}],
    [gateway.path, { origin: ORIGIN }],
    // A token takes precedence, so the cookie needs no origin.
    [gateway.path, { cookie: COOKIE }],
    [`/ws/${BOARD}`, PAGE],
  ] as const) {
    expect(await gateway.get(path, headers)).toEqual({ status: 426, code: 'upgrade_required' })
    expect(await gateway.upgrade(path, headers)).toEqual({ status: 101 })
  }
})

test('ADM-16: a page of the same origin, whose plain GET has no Origin, is explained its upgrade', async () => {
  const headers = { cookie: COOKIE, 'sec-fetch-site': 'same-origin' }
  const path = `/ws/${BOARD}`
  expect(await gateway.get(path, headers)).toMatchObject({ status: 426 })
  const originRequired = { status: 403, code: 'origin_required' }
  expect(await gateway.upgrade(path, headers)).toEqual(originRequired)
  const foreign = { ...headers, 'sec-fetch-site': 'cross-site' }
  expect(await gateway.get(path, foreign)).toEqual(originRequired)
})

test('ADM-11 ADM-13: access that changed once during the lookup is looked up again', async () => {
  for (const [ask, answer] of [
    [gateway.get, { status: 426, code: 'upgrade_required' }],
    [gateway.upgrade, { status: 101 }],
  ] as const) {
    const { version } = OWNER
    let newest: number = version
    gateway.lookups.askApi = async () => {
      const reply = { ...OWNER, version: newest }
      if (newest < 3) await gateway.changeAccess(++newest)
      return reply
    }
    expect(await ask(gateway.path, { origin: ORIGIN })).toEqual(answer)
  }
})
