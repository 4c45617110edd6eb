import { initials, kindOf, personColor } from './avatar.ts'
import { type Called, fullName } from './kinds.ts'

/** A user's initials on their colour; a mark says who is a guest or a program. */
export function Avatar({ person }: { person: Called & { id: string } }) {
  return (
    <span
      className="avatar"
      title={fullName(person)}
      data-kind={kindOf(person)}
      style={{ backgroundColor: personColor(person.id) }}
    >
      {initials(person.name)}
    </span>
  )
}
