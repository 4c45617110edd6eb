/** What those are called who are no people with an account. */
const KIND_NAMES: Partial<Record<string, string>> = {
  guest: 'Guest',
  app_user: 'App user',
  key: 'Program',
}

/** Somebody as presence has them; without a kind, a person with an account. */
export interface Called {
  name: string
  kind?: string | undefined
}

/** What somebody is, unless a person with an account. */
export function kindName({ kind = 'person' }: Pick<Called, 'kind'>): string | undefined {
  return KIND_NAMES[kind]
}

/** A name that says so too: "Grace (guest)". Who gave no name is called a guest already. */
export function fullName({ name, kind }: Called): string {
  const what = kindName({ kind })
  return what === undefined || what === name ? name : `${name} (${what.toLowerCase()})`
}
