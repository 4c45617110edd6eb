import type { Messages } from '../language/messages.ts'

/** After so long without a report an instance counts as silent, seconds: it reports every two. */
const SILENT_FROM_SECONDS = 8

/** Why an instance is not ready. A later release may have others. */
const REASONS = [
  'going_away',
  'api_unavailable',
  'internal_secret_refused',
  'redis_unreachable',
  'database_unavailable',
] as const

/** The state of an instance as text, and whether it is as it should be. */
export function stateText(
  { reasons, silentSeconds }: { reasons: readonly string[]; silentSeconds: number },
  messages: Messages,
): { text: string; isGood: boolean } {
  const { text, locale } = messages
  if (silentSeconds >= SILENT_FROM_SECONDS) {
    const time = duration(silentSeconds, locale)
    return { text: text('operations.silent', { time }), isGood: false }
  }
  if (reasons.length === 0) return { text: text('operations.ready'), isGood: true }
  const texts = reasons.map((reason) => reasonText(reason, messages))
  return { text: new Intl.ListFormat(locale).format(texts), isGood: false }
}

function reasonText(reason: string, { text }: Messages): string {
  const known = REASONS.find((name) => name === reason)
  return known ? text(`operations.${known}`) : reason
}

const UNITS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
] as const

/** `3 days 4 hr`: the two largest units. */
export function duration(seconds: number, locale: string): string {
  const whole = Math.round(seconds)
  const first = UNITS.findIndex(([_, size]) => whole >= size)
  if (first === -1) return amount(0, 'second', locale)
  let rest = whole
  const parts: string[] = []
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(amount(count, unit, locale))
  }
  return parts.join(' ')
}

/** A time below a minute: `12 ms`, `1.5 sec`. */
export function shortTime(seconds: number, locale: string): string {
  return seconds < 1
    ? amount(Math.round(seconds * 1_000), 'millisecond', locale)
    : amount(seconds, 'second', locale, 1)
}

export function megabytes(bytes: number, locale: string): string {
  const count = bytes / 1024 ** 2
  return amount(count, 'megabyte', locale, count < 10 ? 1 : 0)
}

/** A count or a rate: `0.3`, `1,204`. */
export function quantity(value: number, locale: string): string {
  return value.toLocaleString(locale, { maximumFractionDigits: value < 10 ? 1 : 0 })
}

export function percent(share: number, locale: string): string {
  return share.toLocaleString(locale, { style: 'percent' })
}

function amount(count: number, unit: string, locale: string, maximumFractionDigits = 0): string {
  return count.toLocaleString(locale, { style: 'unit', unit, maximumFractionDigits })
}
