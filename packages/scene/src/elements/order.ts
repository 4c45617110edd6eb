import { generateNKeysBetween } from 'fractional-indexing'
import type { Reader } from './values.ts'

/** What is in an order: a key of `fractional-indexing`, and an id for where two have the same. */
interface Ordered {
  readonly id: string
  readonly index: string | null
}

const KEY = /^[A-Za-z][0-9A-Za-z]*$/

/** Longest key that is taken: they grow by a character for every few times that something is put in between. */
const MAX_KEY_LENGTH = 1_000

/** The lowest integer of all, which has nothing below it and so is no key. */
const LOWEST = `A${'0'.repeat(26)}`

/** Reads a key that `fractional-indexing` can go on from: it throws for others. */
export const readOrderKey: Reader<string> = (value) => {
  if (typeof value !== 'string' || value.length > MAX_KEY_LENGTH || !KEY.test(value))
    return undefined
  const integerLength = lengthOfInteger(value.charCodeAt(0))
  if (value.length < integerLength || value === LOWEST) return undefined
  return value.length > integerLength && value.endsWith('0') ? undefined : value
}

/** `a` has two characters, `b` three; `Z` two, `Y` three. */
function lengthOfInteger(head: number): number {
  return head >= 97 ? head - 97 + 2 : 90 - head + 2
}

/** The lowest of the stack first; what has no place is above all others. */
export function compareOrder(a: Ordered, b: Ordered): number {
  if (a.index !== b.index) {
    if (a.index === null) return 1
    if (b.index === null) return -1
    return a.index < b.index ? -1 : 1
  }
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

/** Ascending keys above one. */
export function keysAbove(top: string | null, count: number): string[] {
  return generateNKeysBetween(top, null, count)
}

/** Keys of these elements in the order in which they are given: their own where they ascend, else new ones for all. */
export function keysInOrder(indices: readonly unknown[]): string[] {
  const keys = indices.map(readOrderKey)
  const isAscending = keys.every((key, i) => {
    const before = keys[i - 1]
    return key !== undefined && (i === 0 || (before !== undefined && before < key))
  })
  return isAscending ? (keys as string[]) : keysAbove(null, keys.length)
}
