import { connectStockClient, type StockClient } from '@mindfuse/testing'
import type { Doc } from 'yjs'
import { type Edit, makeEdit } from './edits.ts'
import type { Tab, TabOptions } from './tab.ts'

/** Longest pause between attempts to connect, milliseconds; the provider's own default is 2,500. */
const MAX_BACKOFF_MS = 300

/** A tab with the stock `y-websocket` provider: it never learns what is saved. */
export class StockTab implements Tab {
  readonly edits: Edit[] = []
  readonly faults: string[] = []
  readonly name: string
  readonly #options: TabOptions
  readonly #client: StockClient
  readonly #own: string[] = []

  constructor(options: TabOptions) {
    this.#options = options
    this.name = options.name
    const { boardId, token, realtimeUrl } = options
    this.#client = connectStockClient({ realtimeUrl: realtimeUrl(), boardId, token })
    const { provider } = this.#client
    provider.maxBackoffTime = MAX_BACKOFF_MS
    provider.on('connection-close', () => {
      provider.serverUrl = realtimeUrl()
    })
  }

  get doc(): Doc {
    return this.#client.doc
  }

  get isSettled(): boolean {
    return this.#client.provider.synced
  }

  get state(): string {
    const { wsconnected, synced } = this.#client.provider
    return `connected: ${wsconnected}, synced: ${synced}`
  }

  write(): void {
    const id = `${this.name}-${this.edits.length}`
    this.edits.push(makeEdit(this.doc, this.#options.random, id, this.#own))
  }

  comeBack(): void {
    this.#client.provider.connect()
  }

  kill(): void {
    // What a page does when it is closed would be `destroy` alone, which says goodbye.
    const { ws } = this.#client.provider
    if (ws && 'terminate' in ws) (ws as { terminate(): void }).terminate()
    this.#client.destroy()
  }
}
