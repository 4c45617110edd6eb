/** As much of a WebSocket as the SDK uses. */
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

/** The constructor of WebSockets: the browser's, Node 22's, or that of the package `ws`. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike

/** What the SDK takes from the platform; each may be replaced. */
export interface Environment {
  WebSocket: WebSocketConstructor
  fetch: typeof globalThis.fetch
  /** Spreads delays; from 0 up to, and without, 1. */
  random: () => number
  /** Lets one tab at a time renew the token, where the platform has it. */
  locks: LockManager | undefined
  /** Lets tabs tell each other of a new token, where the platform has it. */
  BroadcastChannel: typeof globalThis.BroadcastChannel | undefined
  /** Keeps edits over a reload, where the platform has it. */
  indexedDB: IDBFactory | undefined
}

/** The platform's own, with what the application brings instead. */
export function resolveEnvironment(given: Partial<Environment> = {}): Environment {
  const WebSocket = given.WebSocket ?? globalThis.WebSocket
  if (!WebSocket) {
    throw new TypeError(
      'this platform has no WebSocket: pass `environment.WebSocket`, as from `ws`',
    )
  }
  return {
    // Called as a method, `fetch` of a browser throws an "Illegal invocation".
    fetch: (input, init) => globalThis.fetch(input, init),
    random: Math.random,
    locks: globalThis.navigator?.locks,
    BroadcastChannel: globalThis.BroadcastChannel,
    indexedDB: globalThis.indexedDB,
    ...given,
    WebSocket,
  }
}
