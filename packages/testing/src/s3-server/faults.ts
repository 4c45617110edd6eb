import type { IncomingMessage } from 'node:http'

/** What may go wrong with a request. */
export const S3_FAULTS = [
  /** 503 at once; the body is not read. */
  'refuse',
  /** 500 once the body was read. */
  'fail',
  /** The body is not read further, or the answer not sent further; the connection stays. */
  'stall',
  /** The connection is reset in the middle of the body, or of the answer. */
  'cut',
  /** It is done, and the connection reset in place of the answer. */
  'forget',
] as const

export type S3Fault = (typeof S3_FAULTS)[number]

/** In a row, of requests for one object: a client that asks more often gets through. */
const MOST_IN_A_ROW = 2

/** Lets so much of all requests fail, in any of the ways. */
export function someFail(share: number): (request: IncomingMessage) => S3Fault | undefined {
  const inARow = new Map<string, number>()
  return ({ method, url }) => {
    const about = `${method} ${url}`
    const before = inARow.get(about) ?? 0
    if (before === MOST_IN_A_ROW || Math.random() >= share) {
      inARow.delete(about)
      return undefined
    }
    inARow.set(about, before + 1)
    return S3_FAULTS[Math.floor(Math.random() * S3_FAULTS.length)]
  }
}
