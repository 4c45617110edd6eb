import { type Client, type ClientOptions, createClient } from '@mindfuse/client'
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useState,
} from 'react'
import { SharedResource } from './shared-resource.ts'
import { useShared } from './use-shared.ts'

/** `null` where a provider has not created its client yet, `undefined` where there is no provider. */
const ClientContext = createContext<Client | null | undefined>(undefined)

/** The client that components use, or the options of one. */
export type MindfuseProviderProps = { children?: ReactNode } & (
  | { client: Client; options?: never }
  /** Those of the first render: to change them, change the provider's `key` too. */
  | { client?: never; options: ClientOptions }
)

/**
 * Provides the components below with a client. Given `options`, it creates the client once it is mounted, and
 * closes it a little after it is unmounted. A client that you give stays yours to close.
 *
 * @example
 * ```tsx
 * export function App({ options, boardId }: { options: ClientOptions; boardId: string }) {
 *   return (
 *     <MindfuseProvider options={options}>
 *       <Whiteboard boardId={boardId} />
 *     </MindfuseProvider>
 *   )
 * }
 * function Whiteboard({ boardId }: { boardId: string }) {
 *   return <p>{useStatus(useBoard(boardId)).kind}</p>
 * }
 * ```
 */
export function MindfuseProvider({
  client,
  options,
  children,
}: MindfuseProviderProps): ReactElement {
  const [own] = useState(() => options && clientResource(options))
  const created = useShared(client ? undefined : own)
  return createElement(ClientContext.Provider, { value: client ?? created ?? null }, children)
}

function clientResource(options: ClientOptions): SharedResource<Client> {
  return new SharedResource(
    () => createClient(options),
    (client) => void client.close(),
  )
}

/**
 * The provider's client; `undefined` on a server, and until a provider with `options` is mounted.
 *
 * @throws TypeError without a provider
 */
export function useClient(): Client | undefined {
  return useClientOr(undefined)
}

/** `given`, or the provider's client. @throws TypeError without both */
export function useClientOr(given: Client | undefined): Client | undefined {
  const provided = useContext(ClientContext)
  if (given) return given
  if (provided === undefined)
    throw new TypeError('Give a client, or render a MindfuseProvider above')
  return provided ?? undefined
}
