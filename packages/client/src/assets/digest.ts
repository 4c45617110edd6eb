import { MindfuseError } from '../errors.ts'

/** What a file beside a document is called there: its SHA-256, 64 lower-case hexadecimal digits. */
const DIGEST = /^[0-9a-f]{64}$/

/** Whether a string can be the digest of a file. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text)
}

/**
 * The SHA-256 of bytes, which the platform works out in a thread of its own.
 * @throws MindfuseError `insecure_context` in a page that came over plain HTTP
 */
export async function digestOf(bytes: ArrayBuffer): Promise<string> {
  const { subtle } = globalThis.crypto
  if (!subtle) {
    throw new MindfuseError('insecure_context', 'Files need a page that was loaded over HTTPS')
  }
  const digest = new Uint8Array(await subtle.digest('SHA-256', bytes))
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Whether a file has this digest. A page that came over plain HTTP cannot find out, and believes it. */
export async function hasDigest(file: Blob, digest: string): Promise<boolean> {
  if (!globalThis.crypto.subtle) return true
  return (await digestOf(await file.arrayBuffer())) === digest
}
