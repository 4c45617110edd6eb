const DAY_MS = 86_400_000

/** When something ends: in so many days, never, or on a date. */
export type End = 'never' | '1' | '7' | '30' | 'date'

/** The time of an end. A date ends when it is over where the user is. */
export function endOf(end: End, date: string, now: Date): Date | undefined {
  if (end === 'never') return undefined
  if (end === 'date') return new Date(`${date}T23:59:59`)
  return new Date(now.getTime() + Number(end) * DAY_MS)
}

/** A day as a date field has it. */
export function localDate(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
}
