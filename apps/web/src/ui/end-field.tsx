import { useMessages } from '../language/language.ts'
import type { Messages } from '../language/messages.ts'
import { type End, localDate } from './end-field.ts'
import { Select } from './select.tsx'

/** When something ends: the choice, and the date where that is `date`. */
export interface EndChoice {
  end: End
  date: string
}

/** What there is to begin with. */
export const NEVER: EndChoice = { end: 'never', date: '' }

const DAYS = ['1', '7', '30'] as const

/** A choice of when something ends. */
export function EndField({
  label,
  value,
  onChange,
}: {
  label: string
  value: EndChoice
  onChange: (value: EndChoice) => void
}) {
  const { text } = useMessages()
  const options: { value: End; label: string }[] = [
    { value: 'never', label: text('end.never') },
    ...DAYS.map((days) => ({ value: days, label: text('end.inDays', { count: Number(days) }) })),
    { value: 'date', label: text('end.onDate') },
  ]
  return (
    <span className="fields">
      <Select
        label={label}
        value={value.end}
        options={options}
        onChange={(end) => onChange({ ...value, end })}
      />
      {value.end === 'date' && (
        <input
          type="date"
          required
          aria-label={text('end.date', { label })}
          min={localDate(new Date())}
          value={value.date}
          onChange={(event) => onChange({ ...value, date: event.target.value })}
        />
      )}
    </span>
  )
}

/** "Ends 12/24/2026", or that it does not. */
export function endText(expiresAt: string | null, { text, date }: Messages): string {
  return expiresAt === null ? text('end.never') : text('end.on', { date: date(expiresAt) })
}
