/** The first request of a page, until its answer is used. */
let asked: Promise<Response> | undefined
const giveUp = new AbortController()

/** Asks the server for the token of who is signed in: everything waits for it, and what uses it has yet to arrive. */
export function askForToken(): void {
  asked = fetch(`${location.origin}/api/auth/token?optional=true`, {
    method: 'POST',
    signal: giveUp.signal,
  })
  asked.catch(() => undefined)
}

/** `fetch`, which gives the answer of {@link askForToken} first. How long that may take counts from then. */
export const fetchToken: typeof fetch = (input, init) => {
  const answer = asked
  asked = undefined
  if (!answer) return fetch(input, init)
  init?.signal?.addEventListener('abort', () => giveUp.abort())
  return answer
}
