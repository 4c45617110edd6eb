import {
  decodeStoredDocument,
  encodeUpdateBatch,
  INTERNAL_AUTH_SCHEME,
  type StoredDocument,
  type UpdateBatchReply,
} from '@mindfuse/internal'
import * as Y from 'yjs'
import type { Stack } from './stack.ts'

/** What gateways do with stored documents. */
export interface DocumentCalls {
  /** Calls an internal route. */
  internal(path: string, init?: RequestInit): Promise<Response>
  append(boardId: string, userId: string, ...updates: Uint8Array[]): Promise<number>
  stored(boardId: string, after?: number): Promise<StoredDocument>
  /** The document as a client gets it that opens the board now. */
  open(boardId: string): Promise<Y.Doc>
}

/** Calls the API as a gateway does. */
export function documentCalls(stack: Pick<Stack, 'apiUrl' | 'internalSecret'>): DocumentCalls {
  const internal: DocumentCalls['internal'] = (path, init = {}) =>
    fetch(`${stack.apiUrl}/internal${path}`, {
      ...init,
      headers: {
        authorization: `${INTERNAL_AUTH_SCHEME} ${stack.internalSecret}`,
        ...init.headers,
      },
    })
  const stored: DocumentCalls['stored'] = async (boardId, after = 0) => {
    const response = await internal(`/boards/${boardId}/document?after=${after}`)
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
    return decodeStoredDocument(new Uint8Array(await response.arrayBuffer()))
  }
  return {
    internal,
    stored,
    async append(boardId, userId, ...updates) {
      const body = encodeUpdateBatch([
        { boardId, updates: updates.map((update) => ({ userId, update })) },
      ])
      const response = await internal('/updates', {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body,
      })
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
      const { results } = (await response.json()) as UpdateBatchReply
      const [result] = results
      if (result?.status !== 'stored') throw new Error(`not stored: ${JSON.stringify(result)}`)
      return result.seq
    },
    async open(boardId) {
      const { snapshot, updates } = await stored(boardId)
      const doc = new Y.Doc()
      for (const update of snapshot ? [snapshot, ...updates] : updates) Y.applyUpdate(doc, update)
      return doc
    },
  }
}

/** A document that keeps each of its updates. */
export function recordedDoc(): { doc: Y.Doc; updates: Uint8Array[] } {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  return { doc, updates }
}
