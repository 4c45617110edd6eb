import type { Agent, IncomingMessage } from 'node:http'
import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { pipeline, type Readable } from 'node:stream'

/** A request, ready to be sent. */
export interface Exchange {
  url: URL
  method: string
  headers: Record<string, string>
  agent: Agent
  body?: Readable | undefined
  /** Until the answer begins, milliseconds. */
  withinMs: number
  /** How long nothing may move on the connection, milliseconds. */
  stallMs: number
}

/**
 * Sends a request, and resolves with the beginning of its answer. An answer whose rest does not arrive ends with an
 * error.
 */
export function exchange(options: Exchange): Promise<IncomingMessage> {
  const { url, method, headers, agent, body, withinMs, stallMs } = options
  return new Promise((resolve, reject) => {
    const open = url.protocol === 'https:' ? requestTls : requestPlain
    const request = open(url, { method, headers, agent, timeout: stallMs })
    const fail = (reason: string) => request.destroy(new Error(reason))
    const deadline = setTimeout(fail, withinMs, 'no answer in time')
    let answer: IncomingMessage | undefined
    request.once('response', (response) => {
      clearTimeout(deadline)
      answer = response
      resolve(response)
    })
    request.on('timeout', () => {
      // What waits for its reader here does not stall there.
      if (!answer?.readableLength) fail('the connection stalled')
    })
    request.once('error', reject)
    request.once('close', () => clearTimeout(deadline))
    if (body) pipeline(body, request, () => undefined)
    else request.end()
  })
}
