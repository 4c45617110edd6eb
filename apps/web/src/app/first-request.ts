/** How long the answer may take, milliseconds. */
const TIMEOUT_MS = 15_000

/** The first request of a page, until its answer is used. */
let asked: Promise<Response> | undefined

/** Asks the server for the token of who is signed in: everything waits for it, and what uses it has yet to arrive. */
export function askForToken(): void {
  asked = fetch(`${location.origin}/api/auth/token?optional=true`, {
    method: 'POST',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  asked.catch(() => undefined)
}

/** `fetch`, which gives the answer of {@link askForToken} first. */
export const fetchToken: typeof fetch = (input, init) => {
  const answer = asked
  asked = undefined
  return answer ?? fetch(input, init)
}
