const SECOND_MS = 1_000
const MINUTE_MS = 60_000

/** How long to wait: "12 minutes". */
export function waitText(ms = MINUTE_MS, locale = 'en'): string {
  const [count, unit] =
    ms > MINUTE_MS ? [Math.ceil(ms / MINUTE_MS), 'minute'] : [Math.ceil(ms / SECOND_MS), 'second']
  const format = { style: 'unit', unit, unitDisplay: 'long' } as const
  return new Intl.NumberFormat(locale, format).format(count)
}
