import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

const ALGORITHM = 'AWS4-HMAC-SHA256'

/** What a request may be older than the server's clock, or newer, milliseconds. */
const MAX_SKEW_MS = 15 * 60 * 1_000

/** Who may use a server. */
export interface S3Account {
  accessKeyId: string
  secretAccessKey: string
  region: string
}

/**
 * Checks a request as AWS describes for Signature Version 4 in the header.
 * @returns the code of a refusal; undefined where it is signed well
 */
export function refusalOf(request: IncomingMessage, account: S3Account): string | undefined {
  const { authorization = '' } = request.headers
  const [, keyId, scope = '', names = '', signature = ''] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    ) ?? []
  if (keyId === undefined) return 'AccessDenied'
  if (keyId !== account.accessKeyId) return 'InvalidAccessKeyId'
  const at = header(request, 'x-amz-date')
  const day = at.slice(0, 8)
  if (scope !== `${day}/${account.region}/s3/aws4_request`) return 'AuthorizationHeaderMalformed'
  if (!(Math.abs(timeOf(at) - Date.now()) <= MAX_SKEW_MS)) return 'RequestTimeTooSkewed'
  if (!['host', 'x-amz-content-sha256', 'x-amz-date'].every((it) => names.split(';').includes(it)))
    return 'AccessDenied'
  const text = [ALGORITHM, at, scope, sha256(canonicalRequest(request, names))].join('\n')
  let key: string | Buffer = `AWS4${account.secretAccessKey}`
  for (const part of scope.split('/')) key = hmac(key, part)
  return timingSafeEqual(hmac(key, text), Buffer.from(signature, 'hex'))
    ? undefined
    : 'SignatureDoesNotMatch'
}

function canonicalRequest(request: IncomingMessage, names: string): string {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://host')
  const path = pathname.split('/').map(decodeURIComponent).map(encode).join('/')
  const query = [...searchParams].map(([name, value]) => `${encode(name)}=${encode(value)}`)
  const headers = names.split(';').map((name) => `${name}:${header(request, name).trim()}\n`)
  return [
    ...[request.method, path, query.sort().join('&'), headers.join(''), names],
    header(request, 'x-amz-content-sha256'),
  ].join('\n')
}

function header(request: IncomingMessage, name: string): string {
  return String(request.headers[name] ?? '')
}

function encode(part: string): string {
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** Of `20261129T201500Z`. */
function timeOf(at: string): number {
  return Date.parse(at.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
