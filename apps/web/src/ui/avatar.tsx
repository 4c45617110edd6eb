import type { CSSProperties } from 'react'
import { initials, kindOf, personColor } from './avatar.ts'
import { type Called, fullName } from './kinds.ts'

/** A user's initials on their colour; a mark says who is a guest or a program. */
export function Avatar({
  person,
  color = personColor(person.id),
}: {
  person: Called & { id: string }
  color?: string | undefined
}) {
  return (
    <span
      dir="auto"
      className="avatar of-person"
      title={fullName(person)}
      data-kind={kindOf(person)}
      style={{ '--person': color } as CSSProperties}
    >
      {initials(person.name)}
    </span>
  )
}
