const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]']

/**
 * A redirect_uri, if it leads back to this very machine: anyone can sign in as anyone here, which
 * must be of no use against a real deployment.
 */
export function loopbackUrl(text: string | null): URL | undefined {
  if (text === null || !URL.canParse(text)) return undefined
  const url = new URL(text)
  const isHttp = url.protocol === 'http:' || url.protocol === 'https:'
  const isPlain = url.username === '' && url.password === '' && url.hash === ''
  return isHttp && isPlain && LOOPBACK_HOSTS.includes(url.hostname) ? url : undefined
}
