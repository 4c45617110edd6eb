/** The header in which a proxy or client names its request, and that names it in the answer. */
export const REQUEST_ID_HEADER = 'x-request-id'

/** What fits a line of a log and a column, and is nothing else there: 8 to 64 characters. */
const REQUEST_ID = /^[\w.-]{8,64}$/

/** The id of a request as its sender names it; undefined where that is missing or no id. */
export function readRequestId(header: unknown): string | undefined {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : undefined
}
