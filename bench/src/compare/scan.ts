/**
 * Client ids of the load, of Yjs and of awareness alike: a person's index above this, which makes
 * them as long as most of those that Yjs draws.
 */
export const CLIENT_ID_BASE = 2 ** 31

/** Called for each person in a frame, with the states or edits of theirs that it holds: `from` up to `to`. */
export type OnItems = (person: number, from: number, to: number) => void

let at = 0

/** Reads a varUint of lib0 at `at`, which it moves. */
function varUint(bytes: Uint8Array): number {
  let byte = bytes[at++] as number
  if (byte < 0x80) return byte
  let value = byte & 0x7f
  let factor = 0x80
  do {
    byte = bytes[at++] as number
    value += (byte & 0x7f) * factor
    factor *= 0x80
  } while (byte >= 0x80)
  return value
}

/**
 * The persons and states in an awareness update that lies at `start`, its length before it. A state's
 * number is its clock.
 */
export function scanAwareness(bytes: Uint8Array, start: number, onItems: OnItems): void {
  at = start
  varUint(bytes)
  const entries = varUint(bytes)
  for (let i = 0; i < entries; i++) {
    const person = varUint(bytes) - CLIENT_ID_BASE
    const clock = varUint(bytes)
    skipString(bytes)
    onItems(person, clock, clock + 1)
  }
}

/** Info bits and content of the structs that the load draws; see Yjs, `Item.write`. */
const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
const HAS_PARENT_SUB = 0x20
const CONTENT_BITS = 0x1f
const GC = 0
const CONTENT_DELETED = 1
const CONTENT_ANY = 8

/**
 * The persons and edits in a Yjs update that lies at `start`, its length before it. An edit of the
 * load is one struct of length 1, so that its number is its clock.
 */
export function scanUpdate(bytes: Uint8Array, start: number, onItems: OnItems): void {
  at = start
  varUint(bytes)
  const clients = varUint(bytes)
  for (let i = 0; i < clients; i++) {
    const structs = varUint(bytes)
    const person = varUint(bytes) - CLIENT_ID_BASE
    const from = varUint(bytes)
    // Most updates are one person's: then what the structs hold need not be read.
    let to = clients === 1 ? from + structs : from
    for (let i = to - from; i < structs; i++) to += skipStruct(bytes)
    onItems(person, from, to)
  }
}

/** @returns how many clocks the struct is long */
function skipStruct(bytes: Uint8Array): number {
  const info = bytes[at++] as number
  const content = info & CONTENT_BITS
  if (content === GC) return varUint(bytes)
  if (info & HAS_ORIGIN) skipId(bytes)
  if (info & HAS_RIGHT_ORIGIN) skipId(bytes)
  if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
    if (varUint(bytes) === 1) skipString(bytes)
    else skipId(bytes)
    if (info & HAS_PARENT_SUB) skipString(bytes)
  }
  if (content === CONTENT_DELETED) return varUint(bytes)
  if (content !== CONTENT_ANY) throw new Error(`the load draws no struct of content ${content}`)
  const length = varUint(bytes)
  for (let i = 0; i < length; i++) skipAny(bytes)
  return length
}

function skipId(bytes: Uint8Array): void {
  varUint(bytes)
  varUint(bytes)
}

function skipString(bytes: Uint8Array): void {
  // Not in one line with `+=`, which would take `at` as it is before the length is read.
  const length = varUint(bytes)
  at += length
}

/** The values that the load draws: an object of numbers and strings; see lib0, `writeAny`. */
function skipAny(bytes: Uint8Array): void {
  const type = bytes[at++] as number
  if (type === 125) while ((bytes[at++] as number) >= 0x80);
  else if (type === 124) at += 4
  else if (type === 123) at += 8
  else if (type === 119) skipString(bytes)
  else if (type === 118) {
    for (let left = varUint(bytes); left > 0; left--) {
      skipString(bytes)
      skipAny(bytes)
    }
  } else throw new Error(`the load draws no value of type ${type}`)
}
