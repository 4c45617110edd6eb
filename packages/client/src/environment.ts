/** The part of a WebSocket that the SDK uses. */
export interface WebSocketLike {
  binaryType: string
  readonly readyState: number
  readonly bufferedAmount: number
  onmessage: ((event: never) => void) | null
  onclose: ((event: never) => void) | null
  onerror: ((event: never) => void) | null
  send(data: string | Uint8Array<ArrayBuffer>): void
  close(code?: number): void
}

/** A WebSocket constructor: the browser's, Node 22's, or that of the package `ws`. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike

/**
 * What the SDK uses of the platform; each may be replaced.
 *
 * @example
 * ```ts
 * import WebSocket from 'ws' // for Node 20
 *
 * const onNode = createClient({ apiUrl, realtimeUrl, getToken, environment: { WebSocket } })
 * await onNode.close()
 * ```
 */
export interface Environment {
  WebSocket: WebSocketConstructor
  fetch: typeof globalThis.fetch
  /** Randomizes delays; from 0 to below 1. */
  random: () => number
  /** Lets one tab at a time renew the token. */
  locks: LockManager | undefined
  /** Shares a new token between tabs. */
  BroadcastChannel: typeof globalThis.BroadcastChannel | undefined
  /** Keeps unsaved edits and files over a reload. */
  indexedDB: IDBFactory | undefined
  /** Reports how far an upload has come; a `fetch` of your own is used in its place. */
  XMLHttpRequest: typeof globalThis.XMLHttpRequest | undefined
}

/** The platform's own, with the application's replacements. */
export function resolveEnvironment(given: Partial<Environment> = {}): Environment {
  const WebSocket = given.WebSocket ?? globalThis.WebSocket
  if (!WebSocket) {
    throw new TypeError(
      'This platform has no WebSocket: pass `environment.WebSocket`, for example that of `ws`',
    )
  }
  return {
    // Called as a method, `fetch` of a browser throws an "Illegal invocation".
    fetch: (input, init) => globalThis.fetch(input, init),
    random: Math.random,
    locks: globalThis.navigator?.locks,
    BroadcastChannel: globalThis.BroadcastChannel,
    indexedDB: globalThis.indexedDB,
    XMLHttpRequest: given.fetch ? undefined : globalThis.XMLHttpRequest,
    ...given,
    WebSocket,
  }
}
