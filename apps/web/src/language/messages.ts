import format, {
  type CompiledMessage,
  type FormatOptions,
  type FormatValues,
} from 'icu-minify/format'
import { createElement, Fragment, type ReactNode } from 'react'
import type { Catalogue, Key, PlainKey, RichKey, RichValuesOf, ValuesOf } from './catalogue.ts'

/** Texts, times and numbers in the language of the user. */
export interface Messages {
  /** The tag of the language, as a catalogue is named. */
  readonly language: string
  /** Its variant as the browser prefers it, for dates and numbers: `en-GB`. */
  readonly locale: string
  text<K extends PlainKey>(key: K, ...values: ValuesOf<K>): string
  /** A text with elements in it. */
  rich<K extends RichKey>(key: K, values: RichValuesOf<K, ReactNode>): ReactNode
  /** A time relative to now, "5 minutes ago"; a date where that is long ago. */
  ago(time: string, now?: number): string
  /** "12/24/2026" */
  date(time: string | Date): string
  number(value: number): string
}

const AGO_UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

/** From this age on a date says more, seconds. */
const MAX_AGO_S = 30 * 86_400

export function createMessages(
  language: string,
  catalogue: Catalogue,
  locale = language,
): Messages {
  // Compiled by messages-plugin.ts.
  const compiled: Record<Key, CompiledMessage> = catalogue
  // Each takes a while to make, and a page with a board needs none of them at first.
  const relative = once(() => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }))
  const dates = once(() => new Intl.DateTimeFormat(locale))
  const numbers = once(() => new Intl.NumberFormat(locale))

  const date = (time: string | Date) => dates().format(new Date(time))
  return {
    language,
    locale,
    text: (key, ...[values]) =>
      String(format(compiled[key], locale, values as FormatValues, { formatters })),
    rich: (key, values) =>
      toNode(format<ReactNode>(compiled[key], locale, withNodes(values as Values), { formatters })),
    ago(time, now = Date.now()) {
      const seconds = Math.round((Date.parse(time) - now) / 1_000)
      if (Math.abs(seconds) > MAX_AGO_S) return date(time)
      for (const [unit, size] of AGO_UNITS) {
        if (Math.abs(seconds) >= size) return relative().format(Math.round(seconds / size), unit)
      }
      return relative().format(0, 'second')
    },
    date,
    number: (value) => numbers().format(value),
  }
}

const formatters: FormatOptions['formatters'] = {
  getDateTimeFormat: (...args) => new Intl.DateTimeFormat(...args),
  getNumberFormat: (...args) => new Intl.NumberFormat(...args),
  getPluralRules: (...args) => new Intl.PluralRules(...args),
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => {
    made ??= make()
    return made
  }
}

type Values = Record<string, string | number | Date | ((content: ReactNode) => ReactNode)>

/** Elements are made of one node, which React needs no keys for. */
function withNodes(values: Values) {
  const wrapped = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === 'function' ? (parts: ReactNode[]) => value(toNode(parts)) : value,
  ])
  return Object.fromEntries(wrapped)
}

function toNode(parts: ReactNode | ReactNode[]): ReactNode {
  return Array.isArray(parts) ? createElement(Fragment, null, ...parts) : parts
}
