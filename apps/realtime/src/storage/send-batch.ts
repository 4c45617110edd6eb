import type { BoardUpdates, UpdateBatchReply } from '@mindfuse/internal'
import type { Logger, OutageLog } from '@mindfuse/service-kit'
import { type ApiClient, ApiResponseError } from './api-client.ts'
import { NoAnswerError } from './http-connection.ts'

/**
 * The API's result for a board, or that it will never accept the board's updates (`refused`), or that it
 * has not decided: it could not store the batch in time (`overdue`), or was not reached (`unsent`).
 */
export type BoardResult =
  | (UpdateBatchReply['results'][number] & Pick<UpdateBatchReply, 'incarnation'>)
  | { boardId: string; status: 'refused' | 'overdue' | 'unsent' }

/** What sending batches takes. */
export interface SendBatchDeps {
  api: Pick<ApiClient, 'append'>
  log: Logger
  outage: OutageLog
}

/** Whether a board's updates have to be sent again. Storing an update twice changes nothing. */
export function isUndecided({ status }: BoardResult): boolean {
  return status === 'busy' || status === 'overdue' || status === 'unsent'
}

/** Sends a batch once. */
export async function sendBatch(
  batch: BoardUpdates[],
  deps: SendBatchDeps,
): Promise<BoardResult[]> {
  try {
    const { results, ...database } = await deps.api.append(batch)
    deps.outage.recover()
    return results.map((result) => ({ ...result, ...database }))
  } catch (error) {
    if (isRefusal(error)) return isolate(batch, error, deps)
    deps.outage.fail(error, { boards: batch.length })
    const status = isOverdue(error) ? 'overdue' : 'unsent'
    return batch.map(({ boardId }) => ({ boardId, status }))
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

/** Whether a smaller request may succeed: it took too long, here or in the API. */
function isOverdue(error: unknown): boolean {
  if (error instanceof NoAnswerError) return true
  return error instanceof ApiResponseError && (error.status === 408 || error.status >= 500)
}
