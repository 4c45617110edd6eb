import { h } from './dom.ts'

const DAY_MS = 86_400_000

/** When something ends: in so many days, never, or on a date. */
const ENDS = {
  never: 'Never ends',
  1: 'Ends in 1 day',
  7: 'Ends in 7 days',
  30: 'Ends in 30 days',
  date: 'Ends on a date…',
} as const

/** One of {@link ENDS}. */
export type End = `${keyof typeof ENDS}`

/** A choice of when something ends, for `expiresAt`. */
export function endField(label: string): {
  element: HTMLElement
  read(): { expiresAt?: string }
} {
  const date = h('input', { type: 'date', 'aria-label': `${label}: date`, hidden: true })
  date.min = localDate(new Date())
  const select = h(
    'select',
    {
      'aria-label': label,
      on: {
        change: () => {
          date.hidden = select.value !== 'date'
          date.required = !date.hidden
        },
      },
    },
    ...Object.entries(ENDS).map(([value, text]) =>
      h('option', { value, selected: value === 'never' }, text),
    ),
  )
  return {
    element: h('span', { class: 'fields' }, select, date),
    read() {
      const end = endOf(select.value as End, date.value, new Date())
      return end ? { expiresAt: end.toISOString() } : {}
    },
  }
}

/** The time of an end. A date ends when it is over where the user is. */
export function endOf(end: End, date: string, now: Date): Date | undefined {
  if (end === 'never') return undefined
  if (end === 'date') return new Date(`${date}T23:59:59`)
  return new Date(now.getTime() + Number(end) * DAY_MS)
}

/** "Ends 12/24/2026", or that it does not. */
export function endText(expiresAt: string | null): string {
  return expiresAt === null ? 'Never ends' : `Ends ${new Date(expiresAt).toLocaleDateString()}`
}

/** A day as a date field has it. */
export function localDate(time: Date): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`
}
