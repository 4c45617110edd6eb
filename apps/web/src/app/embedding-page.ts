import { type GetToken, MindfuseError } from '@mindfuse/client'

/** How long the page around this one may take to answer, milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000

/** The pages that may be around this one: no others can be, as the API tells browsers. */
function embedOrigins(): string[] {
  const meta = document.querySelector<HTMLMetaElement>('meta[name=mindfuse-embed-origins]')
  return meta?.content.split(' ') ?? []
}

/**
 * Asks the page around this one for an access token: it knows who its user is. The question holds nothing
 * that is secret, and an answer counts from a page that may be there alone.
 */
export const tokenOfEmbeddingPage: GetToken = ({ signal }) =>
  new Promise((resolve, reject) => {
    const asked = new AbortController()
    const settle = (how: () => void) => {
      asked.abort()
      how()
    }
    const timer = setTimeout(
      () => settle(() => reject(new Error('The page around the board gave no token'))),
      ANSWER_TIMEOUT_MS,
    )
    const options = { signal: asked.signal }
    asked.signal.addEventListener('abort', () => clearTimeout(timer))
    signal.addEventListener('abort', () => settle(() => reject(signal.reason)), options)
    addEventListener(
      'message',
      ({ source, origin, data }) => {
        if (source !== parent || !embedOrigins().includes(origin)) return
        if (data?.type !== 'mindfuse:token') return
        settle(() => (data.token ? resolve(data.token) : reject(signedOut())))
      },
      options,
    )
    parent.postMessage({ type: 'mindfuse:get-token' }, '*')
  })

function signedOut(): MindfuseError {
  return new MindfuseError('unauthorized', 'Sign in', { status: 401 })
}
