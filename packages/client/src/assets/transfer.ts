import { noAnswer, REQUEST_TIMEOUT_MS, type Send, withTimeout } from '../api/send.ts'
import type { Environment } from '../environment.ts'
import { errorOf, MindfuseError } from '../errors.ts'
import { fetchByXhr } from './upload-request.ts'

/** A connection slower than this is not waited for, bytes per millisecond. */
const SLOWEST_BYTES_PER_MS = 16

/** How long a download may take, milliseconds. */
const DOWNLOAD_TIMEOUT_MS = 5 * 60_000

/** Signed addresses of files. */
export interface SignedAddresses {
  /** By digest; without those that the board does not have. */
  urls: Record<string, string>
  expiresAt: string
}

/** A file on its way to the server. */
export interface UploadRequest {
  digest: string
  file: Blob
  signal: AbortSignal
  onProgress: (sentBytes: number) => void
}

/** The requests for the files of a board. Each throws a MindfuseError. */
export interface AssetTransfer {
  /** Resolves when the board has the file. */
  upload(request: UploadRequest): Promise<void>
  /** @param digests at most 100 */
  sign(digests: readonly string[], signal: AbortSignal): Promise<SignedAddresses>
  /** Fetches a file from a signed address. */
  download(url: string, signal: AbortSignal): Promise<Blob>
}

/** Creates the requests for the files of a board. */
export function createTransfer(deps: {
  boardId: string
  apiUrl: string
  send: Send
  environment: Pick<Environment, 'fetch' | 'XMLHttpRequest'>
}): AssetTransfer {
  const { boardId, apiUrl, send, environment } = deps
  const path = `/api/boards/${encodeURIComponent(boardId)}/assets`

  const sign: AssetTransfer['sign'] = async (digests, signal) => {
    const response = await send({
      method: 'POST',
      path: `${path}/urls`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ digests }),
      signal,
    })
    const { urls, expiresAt } = (await response.json()) as SignedAddresses
    for (const [digest, url] of Object.entries(urls)) urls[digest] = new URL(url, apiUrl).href
    return { urls, expiresAt }
  }

  /**
   * Whether the board has a file, which stays then until the document names it. Asked in two steps, because browsers
   * log every 404, and most files are new.
   */
  const isThere = async (digest: string, signal: AbortSignal): Promise<boolean> => {
    const { urls } = await sign([digest], signal)
    if (urls[digest] === undefined) return false
    try {
      await send({ method: 'HEAD', path: `${path}/${digest}`, signal })
      return true
    } catch (error) {
      if (error instanceof MindfuseError && error.status === 404) return false
      throw error
    }
  }

  return {
    async upload({ digest, file, signal, onProgress }) {
      const { XMLHttpRequest } = environment
      if (!(await isThere(digest, signal))) {
        await send({
          method: 'PUT',
          path: `${path}/${digest}`,
          headers: { 'content-type': 'application/octet-stream' },
          body: file,
          signal,
          timeoutMs: REQUEST_TIMEOUT_MS + Math.ceil(file.size / SLOWEST_BYTES_PER_MS),
          fetch: XMLHttpRequest && fetchByXhr(XMLHttpRequest, onProgress),
        })
      }
      onProgress(file.size)
    },
    sign,
    async download(url, signal) {
      const response = await environment
        .fetch(url, { signal: withTimeout(signal, DOWNLOAD_TIMEOUT_MS) })
        .catch((cause) => {
          throw noAnswer(cause)
        })
      if (!response.ok) throw await errorOf(response)
      return response.blob().catch((cause) => {
        throw noAnswer(cause)
      })
    },
  }
}
