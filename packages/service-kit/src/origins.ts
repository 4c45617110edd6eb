import { StartupError } from './startup-error.ts'

/** What `WEB_ORIGINS` must look like: origins, separated by commas. */
export const ORIGINS_PATTERN = '^https?://[^/,\\s]+(,\\s*https?://[^/,\\s]+)*$'

/**
 * The origins of a list that matches {@link ORIGINS_PATTERN}, in the form browsers send them.
 * @throws StartupError for what only looks like an origin, such as one with port 99999
 */
export function parseOrigins(list: string): [string, ...string[]] {
  const [first = '', ...rest] = list.split(',').map((origin) => parseOrigin(origin.trim()))
  return [first, ...rest]
}

function parseOrigin(text: string): string {
  if (!URL.canParse(text)) throw new StartupError(`WEB_ORIGINS: ${text} is not an origin`)
  return new URL(text).origin
}
