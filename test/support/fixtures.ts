import {
  callApi,
  createBoard,
  type SignedIn,
  signIn,
  startRedis,
  startTcpProxy,
} from '@mindfuse/testing'
import { test as base, inject } from 'vitest'
import { createCast } from './cast.ts'
import { type Clients, createClients } from './clients.ts'
import { startDocumentServices } from './document-services.ts'
import { documentCalls } from './documents.ts'
import {
  type GatewayProcess,
  type GatewayProcessOptions,
  startGatewayProcess,
} from './gateway-process.ts'
import { addMember, createTeam, storedShapes } from './people.ts'
import { pickPort } from './ports.ts'
import { type Stack, type StackOptions, startStack } from './stack.ts'

/**
 * A test on a stack that its file shares. A fixture is built when the first test or hook asks for
 * it and ends by itself: of scope `file` after the file's last test, else after the test.
 */
export const test = base
  .extend('stackOptions', { scope: 'file' }, {} as StackOptions)
  .extend('stack', { scope: 'file' }, async ({ stackOptions }, { onCleanup }) => {
    const stack = await startStack(stackOptions)
    onCleanup(() => stack.stop())
    return stack
  })

  /** A Redis-protocol server of the file's own, which tests may stop and start again. */
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads from it that nothing is needed
  .extend('redis', { scope: 'file' }, async ({}, { onCleanup }) => {
    const port = await pickPort()
    let server = await startRedis({ port })
    onCleanup(() => server.stop())
    return {
      url: server.url,
      stop: () => server.stop(),
      async start() {
        server = await startRedis({ port })
      },
    }
  })
  /** A proxy before the Redis-protocol server that all files share, and the URL through it. */
  .extend('redisProxy', async ({ task: _ }, { onCleanup }) => {
    const proxy = await startTcpProxy(inject('redisUrl'))
    onCleanup(() => proxy.stop())
    return { proxy, url: proxy.through(inject('redisUrl')) }
  })
  /** Signs in as `<name>@example.com`. */
  .extend(
    'person',
    { scope: 'file' },
    ({ stack }) =>
      (name: string) =>
        signIn(stack.apiUrl, `${name}@example.com`),
  )
  .extend('ada', { scope: 'file' }, ({ person }) => person('ada'))
  .extend('alan', { scope: 'file' }, ({ person }) => person('alan'))
  /** The one administrator of the stack. */
  .extend('administrator', { scope: 'file' }, ({ person }) => person('administrator'))
  .extend('viewer', { scope: 'file' }, ({ person }) => person('viewer'))
  .extend('commenter', { scope: 'file' }, ({ person }) => person('commenter'))
  /** A team workspace with a person in every role. */
  .extend('cast', { scope: 'file' }, ({ stack }) => createCast(stack))

  /** Calls the API as a person, or anonymously. */
  .extend(
    'as',
    { scope: 'file' },
    ({ stack }) =>
      (
        who: SignedIn | undefined,
        path: string,
        request: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
      ) =>
        callApi(`${stack.apiUrl}${path}`, { ...(who && { token: who.accessToken }), ...request }),
  )
  /** What gateways do with stored documents. */
  .extend('documents', { scope: 'file' }, ({ stack }) => documentCalls(stack))
  .extend('documentServices', { scope: 'file' }, ({ stack }, { onCleanup }) => {
    const services = startDocumentServices(stack.database.url)
    onCleanup(() => services.close())
    return services
  })

  /** Creates a board of Ada's on which Alan is an editor. */
  .extend('newBoard', { scope: 'file' }, ({ stack, ada, alan }) => async () => {
    const boardId = await createBoard(stack.apiUrl, ada.accessToken)
    await addMember(stack, boardId, alan, 'editor')
    return boardId
  })
  .extend('boardId', ({ newBoard }) => newBoard())
  /** How many updates of the board are stored. */
  .extend('storedUpdates', ({ stack, boardId }) => async () => {
    const text = 'SELECT count(*)::int FROM board_updates WHERE board_id = $1'
    return (await stack.database.query(text, [boardId]))[0].count as number
  })

  /** The shapes of the board, or of another one, as PostgreSQL has them. */
  .extend(
    'readStored',
    ({ stack, boardId }) =>
      (id = boardId) =>
        storedShapes(stack, id),
  )

  /** Has something done after the test, the last first. */
  .extend('atEnd', ({ task: _ }, { onCleanup }) => {
    const ends: (() => unknown)[] = []
    onCleanup(async () => {
      for (const end of ends.reverse()) await end()
    })
    return (end: () => unknown) => void ends.push(end)
  })
  /** Starts a gateway process, which ends with the test. */
  .extend(
    'startGateway',
    ({ stack, atEnd }) =>
      async (options?: GatewayProcessOptions): Promise<GatewayProcess> => {
        const gateway = await startGatewayProcess(stack, options)
        atEnd(() => gateway.stop('SIGKILL'))
        return gateway
      },
  )
  /** Starts one more stack, for this test alone. */
  .extend('startStack', ({ atEnd }) => async (options?: StackOptions): Promise<Stack> => {
    const stack = await startStack(options)
    atEnd(() => stack.stop())
    return stack
  })

  /** The gateways that clients connect to, by their number. */
  .extend('realtimeUrls', ({ stack }) => stack.realtimeUrls)
  /** Ada's clients on the board, unless told otherwise. */
  .extend('clients', ({ realtimeUrls, boardId, ada }, { onCleanup }): Clients => {
    const clients = createClients({ realtimeUrls, boardId, who: ada })
    onCleanup(clients.endAll)
    return clients
  })
  .extend('whiteboard', ({ clients }) => clients.whiteboard)
  .extend('raw', ({ clients }) => clients.raw)
  .extend('stock', ({ clients }) => clients.stock)
  .extend('syncedStock', ({ stock }) => async (...place: Parameters<Clients['stock']>) => {
    const client = stock(...place)
    await client.synced()
    return client
  })

/** The same test on a stack that differs from the default. */
export const testWith = (options: StackOptions) =>
  test.extend('stackOptions', { scope: 'file' }, options)

/** The same with a team: its first person owns the boards, and the others are editors. */
export const testWithTeam = (size: number, options: StackOptions = {}) =>
  testWith(options)
    .extend('team', { scope: 'file' }, ({ stack }) => createTeam(stack, size))
    .extend('people', { scope: 'file' }, ({ team }) => team.people)
    .extend('ada', { scope: 'file' }, ({ people }) => people[0] as SignedIn)
    .extend('newBoard', { scope: 'file' }, ({ team }) => team.newBoard)

/** The same with two gateway processes in place of gateways within this process. */
export const testWithProcesses = (options: GatewayProcessOptions = {}) =>
  testWith({ gateways: 0 })
    .extend('gateways', { scope: 'file' }, async ({ stack }, { onCleanup }) => {
      const gateways = await Promise.all([0, 1].map(() => startGatewayProcess(stack, options)))
      onCleanup(async () => {
        await Promise.all(gateways.map((gateway) => gateway.stop('SIGKILL')))
      })
      return gateways
    })
    .extend('realtimeUrls', ({ gateways }) => gateways.map(({ realtimeUrl }) => realtimeUrl))
