import { randomBytes } from 'node:crypto'

/** Where in which trace something happens: what crosses from one process to another. */
export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** Of the span that caused it, 16 hexadecimal digits. */
  readonly spanId: string
  /** Whether its spans are recorded. */
  readonly isSampled: boolean
}

const TRACEPARENT =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-|$)/
const SAMPLED_FLAG = 1

/** Reads a `traceparent` (https://www.w3.org/TR/trace-context/); undefined for anything else. */
export function parseTraceparent(header: unknown): TraceContext | undefined {
  if (typeof header !== 'string') return undefined
  const [, traceId, spanId, flags] = TRACEPARENT.exec(header) ?? []
  if (!traceId || !spanId || !flags) return undefined
  return { traceId, spanId, isSampled: (Number.parseInt(flags, 16) & SAMPLED_FLAG) !== 0 }
}

/** Writes a `traceparent`. */
export function formatTraceparent({ traceId, spanId, isSampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`
}

/** A new id of so many bytes that is not all zeros, which would be none. */
export function newId(bytes: 8 | 16): string {
  const id = randomBytes(bytes).toString('hex')
  return /^0+$/.test(id) ? newId(bytes) : id
}
