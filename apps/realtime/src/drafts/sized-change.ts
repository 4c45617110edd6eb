import { type DraftChange, isNestedDeeper, MAX_VALUE_DEPTH } from '@mindfuse/protocol'

/** What is new of a draft, and how large that is as JSON, bytes. */
export interface SizedChange {
  change: DraftChange
  bytes: number
}

/** Measures a change; undefined where it is nested too deep, so that it is never walked. */
export function sizeOf(change: DraftChange): SizedChange | undefined {
  if ('ended' in change) return { change, bytes: 0 }
  const content = 'append' in change ? change.append : change.value
  if (isNestedDeeper(content, MAX_VALUE_DEPTH)) return undefined
  return { change, bytes: Buffer.byteLength(JSON.stringify(content)) }
}
