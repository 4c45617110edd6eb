/** After so long without a report an instance counts as silent, seconds: it reports every two. */
const SILENT_FROM_SECONDS = 8

const REASONS: Record<string, string> = {
  going_away: 'Stopping',
  api_unavailable: 'No API answers',
  internal_secret_refused: 'Its internal secret is refused',
  redis_unreachable: 'Dragonfly was not reached',
  database_unavailable: 'PostgreSQL does not answer',
}

/** The state of an instance as text, and whether it is as it should be. */
export function stateText({
  reasons,
  silentSeconds,
}: {
  reasons: readonly string[]
  silentSeconds: number
}): { text: string; isGood: boolean } {
  if (silentSeconds >= SILENT_FROM_SECONDS) {
    return { text: `Silent for ${duration(silentSeconds)}`, isGood: false }
  }
  if (reasons.length === 0) return { text: 'Ready', isGood: true }
  return { text: reasons.map((reason) => REASONS[reason] ?? reason).join(', '), isGood: false }
}

const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** `3 d 4 h`: the two largest units. */
export function duration(seconds: number): string {
  const whole = Math.round(seconds)
  const first = UNITS.findIndex(([_, size]) => whole >= size)
  if (first === -1) return '0 s'
  let rest = whole
  const parts: string[] = []
  for (const [name, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${name}`)
  }
  return parts.join(' ')
}

/** A time below a minute: `12 ms`, `1.5 s`. */
export function shortTime(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1_000)} ms` : `${seconds.toFixed(1)} s`
}

export function megabytes(bytes: number): string {
  const amount = bytes / 1024 ** 2
  return `${amount > 0 && amount < 10 ? amount.toFixed(1) : Math.round(amount)} MB`
}

/** A count or a rate: `0.3`, `1,204`. */
export function quantity(value: number): string {
  const digits = value > 0 && value < 10 && !Number.isInteger(value) ? 1 : 0
  return value.toLocaleString('en', { maximumFractionDigits: digits })
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}
