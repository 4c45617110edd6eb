import { useMessages } from '../language/language.ts'
import type { Messages } from '../language/messages.ts'
import { Avatar } from '../ui/avatar.tsx'
import { deviceText } from '../ui/device-text.ts'
import { isolateIfNeeded } from '../ui/isolate.ts'
import { ACTIONS, type AuditEntry } from './audit-actions.ts'

/** Who did what, to what, when, and for owners from where. */
export function AuditRow({
  entry,
  names,
  onPerson,
}: {
  entry: AuditEntry
  /** Of members and boards. */
  names: ReadonlyMap<string, string>
  /** Shows what the same person did. */
  onPerson: () => void
}) {
  const messages = useMessages()
  const { text, ago } = messages
  const name = entry.actorName ?? text('audit.person.gone')
  const origin = [
    entry.ip,
    entry.userAgent !== null && deviceText(entry.userAgent, messages),
  ].filter((part) => typeof part === 'string')
  return (
    <li>
      <Avatar person={{ id: entry.actorId, name }} />
      <span className="row-text">
        <span>
          <button type="button" className="link" onClick={onPerson}>
            <bdi>{name}</bdi>
          </button>
          {' · '}
          {text(ACTIONS[entry.action])}
          {subjectsOf(entry, names, messages).map((subject) => (
            <span key={subject}>
              {' · '}
              <bdi>{subject}</bdi>
            </span>
          ))}
        </span>
        <span className="hint">
          <time
            dateTime={entry.createdAt}
            title={new Date(entry.createdAt).toLocaleString(messages.locale)}
          >
            {ago(entry.createdAt)}
          </time>
          {origin.map((part) => ` · ${part}`)}
        </span>
      </span>
    </li>
  )
}

/** What it was done to, and what is different since, as far as it can be said. */
function subjectsOf(
  { targetId, actorId, changes }: AuditEntry,
  names: ReadonlyMap<string, string>,
  { text }: Messages,
): string[] {
  const { name, formerName, email, role, formerRole } = changes as Record<string, unknown>
  const roles = [formerRole, role].filter((value) => isRole(value))
  const subjects = [
    typeof name === 'string' ? name : targetId === actorId ? undefined : names.get(targetId),
    typeof formerName === 'string' && formerName !== name
      ? text('audit.formerly', { name: isolateIfNeeded(formerName) })
      : undefined,
    typeof email === 'string' ? email : undefined,
    roles.length > 0 ? roles.map((role) => text(`role.${role}`)).join(' → ') : undefined,
  ]
  return [...new Set(subjects.filter((subject) => subject !== undefined))]
}

const ROLES = ['owner', 'admin', 'member', 'editor', 'commenter', 'viewer'] as const

function isRole(value: unknown): value is (typeof ROLES)[number] {
  return ROLES.some((role) => role === value)
}
