import type { PlainKey } from '../language/catalogue.ts'
import { messages } from '../language/language.ts'

/** What those are called who are no people with an account. */
const KIND_NAMES = {
  guest: 'kind.guest',
  app_user: 'kind.appUser',
  key: 'kind.key',
} as const satisfies Record<string, PlainKey>

/** What the server calls guests who gave no name. */
const NAMELESS = 'Guest'

/** A user as presence has them; without a kind, a person with an account. */
export interface Called {
  name: string
  kind?: string | undefined
}

/** The kind of a user, unless a person with an account. */
export function kindName({ kind = 'person' }: Pick<Called, 'kind'>): string | undefined {
  return isNamed(kind) ? messages().text(KIND_NAMES[kind]) : undefined
}

/** Whether a guest gave no name. */
export function isNameless({ name, kind }: Called): boolean {
  return kind === 'guest' && name === NAMELESS
}

/** A name that says so too: "Grace (guest)". Who gave no name is called a guest already. */
export function fullName({ name, kind = 'person' }: Called): string {
  if (isNameless({ name, kind })) return messages().text('kind.guest')
  return isNamed(kind) ? messages().text('kind.named', { name, kind }) : name
}

function isNamed(kind: string): kind is keyof typeof KIND_NAMES {
  return kind in KIND_NAMES
}
