import type { OutgoingHttpHeaders } from 'node:http'

/** An HTTP answer, as a value. */
export interface Answer {
  readonly status: number
  readonly headers?: OutgoingHttpHeaders
  readonly body?: string
}

/** Sends the browser elsewhere. */
export function redirect(url: URL): Answer {
  return { status: 302, headers: { location: url.href } }
}

/** A JSON document. */
export function json(status: number, document: unknown): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(document),
  }
}

/** An error as OAuth words it (RFC 6749, section 5.2). */
export function oauthError(error: string, description: string): Answer {
  return json(400, { error, error_description: description })
}
