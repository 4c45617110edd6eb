import envSchema from 'env-schema'
import type { Static, TObject } from 'typebox'
import { StartupError } from './startup-error.ts'

type Environment = Record<string, string | undefined>

interface SchemaProblem {
  keyword?: string
  instancePath: string
  message?: string
  params: Record<string, unknown>
}

/** How people write a switch; env-schema itself knows only the words. */
const BOOLEANS = new Map([
  ['0', 'false'],
  ['1', 'true'],
])

/**
 * Reads an app's configuration from the environment by its schema: defaults filled in, numbers
 * and booleans converted, variables the schema does not name left out. A variable that is set
 * but empty counts as not set, as `docker compose` passes it.
 *
 * @throws StartupError that lists every problem, one a line, never a value (it may be a secret).
 */
export function loadConfig<Schema extends TObject>(
  schema: Schema,
  environment: Environment,
): Static<Schema> {
  const data: Environment = {}
  for (const [name, property] of Object.entries(schema.properties)) {
    const value = environment[name]
    if (value === undefined || value.trim() === '') continue
    const isBoolean = (property as { type?: unknown }).type === 'boolean'
    data[name] = isBoolean ? (BOOLEANS.get(value.trim()) ?? value) : value
  }
  try {
    // A copy, because env-schema writes into the schema it is given.
    return envSchema<Static<Schema>>({ schema: structuredClone(schema), data, env: false })
  } catch (error) {
    const problems = (error as { errors?: SchemaProblem[] }).errors
    if (!problems) throw error
    // Of a condition, what it demands is a problem of its own.
    const own = problems.filter(({ keyword }) => keyword !== 'if')
    throw new StartupError(describe(own, schema), 'invalid_settings')
  }
}

function describe(problems: SchemaProblem[], schema: TObject): string {
  const lines = problems.map((problem) => {
    const name = String(problem.params.missingProperty ?? problem.instancePath.slice(1))
    const missing = problem.params.missingProperty !== undefined
    const hint = (schema.properties[name] as { description?: string } | undefined)?.description
    return `  ${name} ${missing ? 'is required' : problem.message}${hint ? ` (${hint})` : ''}`
  })
  return `configuration has ${lines.length} problem${lines.length === 1 ? '' : 's'}:\n${lines.join('\n')}`
}
