import type { ImportedFile } from '../imported-scene.ts'

declare function atob(data: string): string
declare function btoa(data: string): string
declare const TextEncoder: new () => { encode(text: string): Uint8Array }

/** Characters that become bytes at a time: as many arguments as a call may have. */
const SLICE_LENGTH = 8 * 1024

const DATA_URL = /^data:([a-z]+\/[a-z0-9.+-]+)((?:;[^;,]*)*),/i

/** The bytes of a data URL; undefined where it is none. */
export function parseDataUrl(url: unknown): (ImportedFile & { bytes: Uint8Array }) | undefined {
  if (typeof url !== 'string') return undefined
  const [head, type, parameters] = DATA_URL.exec(url.slice(0, 1_000)) ?? []
  if (head === undefined || type === undefined) return undefined
  try {
    const data = url.slice(head.length)
    const isBase64 = /;base64$/i.test(parameters ?? '')
    const bytes = isBase64
      ? bytesOf(atob(data))
      : new TextEncoder().encode(decodeURIComponent(data))
    return { mimeType: type.toLowerCase(), bytes }
  } catch {
    // Not base64, or no percent encoding.
    return undefined
  }
}

/** Bytes as a data URL. */
export function toDataUrl(mimeType: string, bytes: Uint8Array): string {
  const pieces: string[] = []
  for (let from = 0; from < bytes.length; from += SLICE_LENGTH) {
    pieces.push(String.fromCharCode(...bytes.subarray(from, from + SLICE_LENGTH)))
  }
  return `data:${mimeType};base64,${btoa(pieces.join(''))}`
}

/** Bytes that stand for text in base64; undefined where they do not. */
export function parseBase64(text: string): Uint8Array | undefined {
  try {
    return bytesOf(atob(text))
  } catch {
    return undefined
  }
}

function bytesOf(binary: string): Uint8Array {
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}
