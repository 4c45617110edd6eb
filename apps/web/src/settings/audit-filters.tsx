import { useMessages } from '../language/language.ts'
import { Select } from '../ui/select.tsx'
import { ACTIONS, type AuditAction, SEARCHED_ACTIONS } from './audit-actions.ts'
import type { AuditQuery } from './audit-query.ts'
import type { Member } from './section-props.ts'

/** By whom, what and when: what the audit log is narrowed by. */
export function AuditFilters({
  query,
  members,
  onChange,
}: {
  query: AuditQuery
  members: readonly Member[]
  onChange: (change: Partial<AuditQuery>) => void
}) {
  const { text } = useMessages()
  const { person, action, from, until } = query
  const isMember = members.some(({ userId }) => userId === person)
  const isNarrowed = Object.values(query).some((value) => value !== '')
  return (
    <div className="list-controls">
      <Select
        label={text('audit.person')}
        value={person}
        options={[
          { value: '', label: text('audit.person.all') },
          ...members.map(({ userId, name }) => ({ value: userId, label: name })),
          ...(person === '' || isMember
            ? []
            : [{ value: person, label: text('audit.person.other') }]),
        ]}
        onChange={(person) => onChange({ person })}
      />
      <Select<AuditAction | ''>
        label={text('audit.action')}
        value={action}
        options={[
          { value: '', label: text('audit.action.all') },
          ...SEARCHED_ACTIONS.map((value) => ({ value, label: text(ACTIONS[value]) })),
        ]}
        onChange={(action) => onChange({ action })}
      />
      <Day label={text('audit.from')} value={from} onChange={(from) => onChange({ from })} />
      <Day label={text('audit.until')} value={until} onChange={(until) => onChange({ until })} />
      {isNarrowed && (
        <button
          type="button"
          className="quiet"
          onClick={() => onChange({ person: '', action: '', from: '', until: '' })}
        >
          {text('audit.all')}
        </button>
      )}
    </div>
  )
}

function Day({
  label,
  value,
  onChange,
}: {
  label: string
  value: string
  onChange: (value: string) => void
}) {
  return (
    <label className="day">
      <span className="hint">{label}</span>
      <input type="date" value={value} onChange={(event) => onChange(event.target.value)} />
    </label>
  )
}
