/** What `WEB_ORIGINS` must look like: origins, separated by commas. */
export const ORIGINS_PATTERN = '^https?://[^/,\\s]+(,\\s*https?://[^/,\\s]+)*$'

/** The origins of a list that matches {@link ORIGINS_PATTERN}, in the form browsers send them. */
export function parseOrigins(list: string): [string, ...string[]] {
  const [first = '', ...rest] = list.split(',').map((origin) => new URL(origin.trim()).origin)
  return [first, ...rest]
}
