import type { Logger } from './logger.ts'
import { StartupError } from './startup-error.ts'

/** What `WEB_ORIGINS` and the like must look like: origins, separated by commas. */
export const ORIGINS_PATTERN = '^https?://[^/,\\s]+(,\\s*https?://[^/,\\s]+)*$'

/**
 * The origins of a list that matches {@link ORIGINS_PATTERN}, in the form browsers send them.
 * @throws StartupError for what only looks like an origin, such as one with port 99999
 */
export function parseOrigins(list: string, setting = 'WEB_ORIGINS'): [string, ...string[]] {
  const parse = (origin: string) => parseOrigin(origin.trim(), setting)
  const [first = '', ...rest] = list.split(',').map(parse)
  return [first, ...rest]
}

function parseOrigin(text: string, setting: string): string {
  if (!URL.canParse(text)) throw new StartupError(`${setting}: ${text} is not an origin`)
  return new URL(text).origin
}

/** A page of this machine, on any port. */
const LOOPBACK_ORIGIN = /^https?:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/

/** How many refused origins are logged, each once: otherwise anyone could fill the log. */
const MAX_LOGGED_ORIGINS = 100

/** How much of one is logged, and remembered, characters. */
const MAX_LOGGED_LENGTH = 200

/** Whether pages of an origin may use a service. */
export type OriginCheck = (origin: string) => boolean

/** Allows exactly these origins; the first refusal of any other is logged. */
export function createOriginCheck(options: {
  webOrigins: readonly string[]
  /** Whether pages of this machine are allowed too: a developer's server picks a port of its own. */
  allowLoopbackPages?: boolean | undefined
  log: Logger
}): OriginCheck {
  const { webOrigins, allowLoopbackPages = false, log } = options
  const logged = new Set<string>()
  return (origin) => {
    if (webOrigins.includes(origin)) return true
    if (allowLoopbackPages && LOOPBACK_ORIGIN.test(origin)) return true
    const shown = origin.slice(0, MAX_LOGGED_LENGTH)
    if (logged.size < MAX_LOGGED_ORIGINS && !logged.has(shown)) {
      logged.add(shown)
      log.warn(
        { origin: shown },
        'pages of this origin are refused; WEB_ORIGINS lists those allowed',
      )
    }
    return false
  }
}
