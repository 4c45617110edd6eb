import { REQUEST_TIMEOUT_MS } from '../api/send.ts'

/**
 * A `fetch` by XMLHttpRequest, which alone reports how far an upload has come. It gives up when nothing moves.
 *
 * @param onProgress with the bytes sent so far
 */
export function fetchByXhr(
  XMLHttpRequest: typeof globalThis.XMLHttpRequest,
  onProgress: (sentBytes: number) => void,
): typeof globalThis.fetch {
  return (url, { method = 'GET', headers, body, signal } = {}) =>
    new Promise((resolve, reject) => {
      const request = new XMLHttpRequest()
      let timer: ReturnType<typeof setTimeout> | undefined
      const fail = (error: unknown) => {
        settle()
        request.abort()
        reject(error)
      }
      const moved = () => {
        clearTimeout(timer)
        timer = setTimeout(fail, REQUEST_TIMEOUT_MS, new DOMException('Stalled', 'TimeoutError'))
      }
      const abort = () => fail(signal?.reason)
      const settle = () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
      }
      request.upload.onprogress = ({ loaded }) => {
        moved()
        onProgress(loaded)
      }
      request.onload = () => {
        settle()
        resolve(responseOf(request))
      }
      request.onerror = () => fail(new TypeError('The upload failed'))
      if (signal?.aborted) return abort()
      signal?.addEventListener('abort', abort)
      request.open(method, String(url))
      for (const [name, value] of new Headers(headers)) request.setRequestHeader(name, value)
      request.send(body as XMLHttpRequestBodyInit)
      moved()
    })
}

function responseOf(request: XMLHttpRequest): Response {
  const lines = request
    .getAllResponseHeaders()
    .trim()
    .split(/[\r\n]+/)
  const headers = lines.flatMap((line): [string, string][] => {
    const [name = '', value = ''] = line.split(/: (.*)/s)
    return name ? [[name, value]] : []
  })
  const { status, responseText } = request
  return new Response(responseText || null, { status, headers })
}
