import type { Board, Client } from '@mindfuse/client'
import { type SignedIn, startTcpProxy, type TcpProxy } from '@mindfuse/testing'
import { test as base, testWith as baseWith } from './fixtures.ts'
import { connectSdk, type SdkOptions } from './sdk.ts'
import type { Stack, StackOptions } from './stack.ts'

/** Where an SDK client connects. */
export type SdkAddress = Pick<Stack, 'apiUrl' | 'realtimeUrl'>

const withSdk = (stackTest: typeof base) =>
  stackTest
    /** Starts a proxy before the gateway. */
    .extend('startProxy', ({ stack, atEnd }) => async (options?: { cutIdleMs: number }) => {
      const proxy = await startTcpProxy(stack.realtimeUrl, options)
      atEnd(() => proxy.stop())
      return proxy
    })
    /** Where SDK clients connect unless told otherwise. */
    .extend('address', ({ stack }): SdkAddress => stack)
    /** The SDK clients of the test, in the order of their creation; closed at its end. */
    .extend('sdkClients', ({ task: _ }, { onCleanup }) => {
      const clients: Client[] = []
      onCleanup(async () => {
        await Promise.all(clients.map((client) => client.close()))
      })
      return clients
    })
    .extend(
      'connect',
      ({ address, sdkClients }) =>
        (person: Pick<SignedIn, 'browser'>, options: SdkOptions = {}, at = address): Client => {
          const client = connectSdk(at, person, options)
          sdkClients.push(client)
          return client
        },
    )
    /** Opens the board with an SDK client of its own. */
    .extend(
      'open',
      ({ connect, boardId }) =>
        async (person: SignedIn, options?: SdkOptions, at?: SdkAddress): Promise<Board> => {
          const board = connect(person, options, at).board(boardId)
          await board.whenSynced()
          return board
        },
    )
    /** The board as Ada has it open, and as Alan has. */
    .extend('hers', ({ open, ada }) => open(ada))
    .extend('his', ({ open, alan }) => open(alan))

/** A test with the SDK. */
export const test = withSdk(base)

/** The same test on a stack that differs from the default. */
export const testWith = (options: StackOptions) => withSdk(baseWith(options))

/** A test whose SDK clients reach the gateway through a proxy. */
export const proxiedTest = test
  .extend('proxy', ({ startProxy }) => startProxy())
  .extend('address', ({ stack, proxy }) => addressOf(stack, proxy))

/** A stack's address, with its gateway behind a proxy. */
export function addressOf({ apiUrl }: Pick<Stack, 'apiUrl'>, { port }: TcpProxy): SdkAddress {
  return { apiUrl, realtimeUrl: `ws://127.0.0.1:${port}/ws` }
}
