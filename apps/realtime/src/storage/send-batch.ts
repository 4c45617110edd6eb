import type { BoardUpdates, UpdateBatchReply } from '@mindfuse/internal'
import type { Logger } from '@mindfuse/service-kit'
import { type ApiClient, ApiResponseError } from './api-client.ts'

/** Pause before a failed batch is sent again, milliseconds; doubles up to the maximum. */
const RETRY_DELAY_MS = 100
const MAX_RETRY_DELAY_MS = 1_000

/** The API's result for a board, or that it will never accept the board's updates. */
export type BoardResult =
  | UpdateBatchReply['results'][number]
  | { boardId: string; status: 'refused' }

/** What sending batches takes. */
export interface SendBatchDeps {
  api: Pick<ApiClient, 'append'>
  log: Logger
}

/**
 * Sends a batch, again and again until the API has decided on every board in it. Storing an update
 * twice changes nothing, so a batch whose answer was lost is sent again unchanged.
 */
export async function sendBatch(
  batch: BoardUpdates[],
  deps: SendBatchDeps,
): Promise<BoardResult[]> {
  for (let delay = RETRY_DELAY_MS; ; delay = Math.min(delay * 2, MAX_RETRY_DELAY_MS)) {
    try {
      return (await deps.api.append(batch)).results
    } catch (error) {
      if (isRefusal(error)) return isolate(batch, error, deps)
      deps.log.warn({ err: error, boards: batch.length, retryInMs: delay }, 'storing failed')
      await new Promise((resolve) => setTimeout(resolve, delay))
    }
  }
}

/** The API will never accept this batch: finds the board that spoils it, and stores the others. */
async function isolate(
  batch: BoardUpdates[],
  error: unknown,
  deps: SendBatchDeps,
): Promise<BoardResult[]> {
  const [only, ...others] = batch
  if (only && others.length === 0) {
    const { boardId } = only
    deps.log.error({ err: error, boardId }, 'updates were refused and are lost')
    return [{ boardId, status: 'refused' }]
  }
  const results: BoardResult[] = []
  for (const board of batch) results.push(...(await sendBatch([board], deps)))
  return results
}

/** Whether the API refused a request for what it is, so that sending it again is pointless. */
function isRefusal(error: unknown): boolean {
  return error instanceof ApiResponseError && (error.status === 400 || error.status === 413)
}
