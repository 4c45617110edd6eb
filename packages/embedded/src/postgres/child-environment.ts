/** What a program needs in order to be found, loaded and told the time. */
const KEPT = ['PATH', 'TZ', 'LD_LIBRARY_PATH', 'SystemRoot', 'TEMP', 'TMP']

/**
 * The environment of PostgreSQL's processes. Ours holds secrets, which they need not know, and
 * perhaps a locale that this machine lacks.
 */
export function childEnvironment(): NodeJS.ProcessEnv {
  const kept = KEPT.map((name) => [name, process.env[name]] as const)
  return { ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)), LC_ALL: 'C' }
}
