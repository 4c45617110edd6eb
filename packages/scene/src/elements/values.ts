import {
  MAX_COORDINATE,
  MAX_ID_LENGTH,
  MAX_LIST_LENGTH,
  MAX_POINTS,
  MAX_STRING_LENGTH,
  MAX_VALUE_DEPTH,
  MAX_VALUE_PARTS,
} from '../limits.ts'

/** Reads a value that anyone may have written; undefined where it is not valid. */
export type Reader<Value> = (value: unknown) => Value | undefined

/** A point of a line or stroke, relative to the element's `x` and `y`. */
export type Point = readonly [x: number, y: number]

/** A value that JSON can hold. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** An object as JSON has it. */
export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

export const readCoordinate: Reader<number> = (value) =>
  typeof value === 'number' && Math.abs(value) <= MAX_COORDINATE ? value : undefined

export const readNumber: Reader<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** A number from 0 to another. */
export function amountUpTo(max: number): Reader<number> {
  return (value) => (typeof value === 'number' && value >= 0 && value <= max ? value : undefined)
}

/** A number that a size or a share may be. */
export const readAmount = amountUpTo(MAX_COORDINATE)

export const readBoolean: Reader<boolean> = (value) =>
  typeof value === 'boolean' ? value : undefined

export const readString: Reader<string> = (value) =>
  typeof value === 'string' && value.length <= MAX_STRING_LENGTH ? value : undefined

/** Schemes of addresses that run what they hold, however they are spelled. */
const RUNS = /^(javascript|data|vbscript):/i

/** An address that may be followed. */
export const readLink: Reader<string> = (value) => {
  const link = readString(value)
  return link === undefined || RUNS.test(link.replace(INVISIBLE, '')) ? undefined : link
}

/** What browsers leave out of a scheme. */
const INVISIBLE = /[\p{C}\p{Z}]/gu

/** The name of something in a map: `__proto__` would be the prototype of an object that has it as a key. */
export const readId: Reader<string> = (value) =>
  typeof value === 'string' &&
  value !== '' &&
  value.length <= MAX_ID_LENGTH &&
  value !== '__proto__'
    ? value
    : undefined

export function oneOf<const Value extends string | number>(
  values: readonly Value[],
): Reader<Value> {
  return (value) => values.find((known) => known === value)
}

export function orNull<Value>(read: Reader<Value>): Reader<Value | null> {
  return (value) => (value === null ? null : read(value))
}

export function listOf<Value>(
  read: Reader<Value>,
  maxLength = MAX_LIST_LENGTH,
): Reader<readonly Value[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length > maxLength) return undefined
    return value.every((item) => read(item) !== undefined) ? value : undefined
  }
}

/** An object of which these properties are valid; it may have others. */
export function objectOf<Shape extends Record<string, Reader<unknown>>>(
  shape: Shape,
): Reader<{ readonly [Name in keyof Shape]: Exclude<ReturnType<Shape[Name]>, undefined> }> {
  const properties = Object.entries(shape)
  return (value) => {
    if (!isObject(value) || !isPlain(value)) return undefined
    const isValid = properties.every(([name, read]) => read(value[name]) !== undefined)
    return isValid ? (value as ReturnType<ReturnType<typeof objectOf<Shape>>>) : undefined
  }
}

export const readPoint: Reader<Point> = (value) =>
  Array.isArray(value) &&
  value.length >= 2 &&
  readCoordinate(value[0]) !== undefined &&
  readCoordinate(value[1]) !== undefined &&
  value.every((part) => typeof part === 'number')
    ? (value as unknown as Point)
    : undefined

export const readPoints: Reader<readonly Point[]> = listOf(readPoint, MAX_POINTS)

export const readPlainObject: Reader<JsonObject> = (value) =>
  isObject(value) && isPlain(value) ? value : undefined

/** Whether JSON can hold a value, within bounds, and reading it harms nobody. Nothing recurses. */
export function isPlain(value: unknown): value is Json {
  const open: { value: unknown; depth: number }[] = [{ value, depth: 0 }]
  let parts = 0
  for (let next = open.pop(); next; next = open.pop()) {
    if (++parts > MAX_VALUE_PARTS) return false
    const { value, depth } = next
    if (value === null || typeof value === 'boolean') continue
    if (typeof value === 'string' && value.length <= MAX_STRING_LENGTH) continue
    if (typeof value === 'number' && Number.isFinite(value)) continue
    if (depth === MAX_VALUE_DEPTH) return false
    if (Array.isArray(value)) {
      for (const item of value) open.push({ value: item, depth: depth + 1 })
    } else if (isObject(value)) {
      for (const [key, item] of Object.entries(value)) {
        if (key === '__proto__') return false
        open.push({ value: item, depth: depth + 1 })
      }
    } else {
      return false
    }
  }
  return true
}

/** Whether two values of JSON are the same. An absent property and `undefined` are. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b) || a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => isSame(item, b[i]))
  }
  if (!isObject(a) || !isObject(b)) return false
  const keys = new Set([...Object.keys(a), ...Object.keys(b)])
  return [...keys].every((key) => isSame(a[key], b[key]))
}
