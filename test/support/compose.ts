import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A service of docker-compose.yml, as far as the tests read it. */
export interface ComposeService {
  image: string
  build?: { context: string; dockerfile: string; target?: string }
  command?: string[]
  /** That of its files included. */
  environment: Record<string, string>
  env_file?: string[]
  ports?: string[]
  volumes?: string[]
  depends_on?: Record<string, { condition: string }>
  healthcheck?: { test?: string[]; disable?: boolean }
  profiles?: string[]
  restart?: string
  read_only?: boolean
  cap_drop?: string[]
  security_opt?: string[]
  network_mode?: string
  stop_grace_period?: string
}

/** The text of the compose file, as it stands there. */
export function readComposeFile(): Promise<string> {
  return readFile(join(ROOT, 'docker-compose.yml'), 'utf8')
}

/**
 * The services of docker-compose.yml with these variables set.
 * @throws Error for a required variable or a file that is missing
 */
export async function readCompose(
  variables: Record<string, string> = {},
): Promise<Record<string, ComposeService>> {
  const text = await readComposeFile()
  const parsed = parse(text, { merge: true }) as { services: Record<string, ComposeService> }
  const services = interpolateAll(parsed.services, variables)
  for (const service of Object.values(services)) {
    const fromFiles: Record<string, string> = {}
    for (const file of service.env_file ?? []) {
      Object.assign(fromFiles, readEnv(await readFile(join(ROOT, file), 'utf8')))
    }
    const own = Object.entries(service.environment ?? {}).map(([key, value]) => [key, `${value}`])
    service.environment = { ...fromFiles, ...Object.fromEntries(own) }
  }
  return services
}

/** The variables of a file such as `.env.example`; nothing in it is quoted. */
export function readEnv(text: string): Record<string, string> {
  const lines = text.matchAll(/^([A-Z\d_]+)=(.*)$/gm)
  return Object.fromEntries([...lines].map(([, name = '', value = '']) => [name, value]))
}

/** The names of all variables that a compose file asks for. */
export function variablesOf(text: string): Set<string> {
  const withoutComments = text.replaceAll(/(^|\s)#.*$/gm, '')
  return new Set([...withoutComments.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name))
}

function interpolateAll<Value>(value: Value, variables: Record<string, string>): Value {
  if (typeof value === 'string') return interpolate(value, variables) as Value
  if (Array.isArray(value)) return value.map((item) => interpolateAll(item, variables)) as Value
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, item]) => [key, interpolateAll(item, variables)])
  return Object.fromEntries(entries) as Value
}

/** `${NAME}`, `${NAME:-default}`, `${NAME:+instead}` and `${NAME:?error}`, one in another. */
export function interpolate(text: string, variables: Record<string, string>): string {
  const start = text.indexOf('${')
  if (start === -1) return text
  let end = start + 2
  for (let depth = 1; depth > 0; end++) {
    if (end >= text.length) throw new Error(`a brace is open in ${text}`)
    if (text.startsWith('${', end)) depth++
    if (text[end] === '}') depth--
  }
  const [, name = '', operator, word = ''] =
    /^(\w+)(?::([-+?])(.*))?$/s.exec(text.slice(start + 2, end - 1)) ?? []
  const value = variables[name] ?? ''
  const isSet = value !== ''
  if (operator === '?' && !isSet) throw new Error(`${name} is required: ${word}`)
  const isWord = (operator === '-' && !isSet) || (operator === '+' && isSet)
  const own = operator === '+' ? '' : value
  const replacement = isWord ? interpolate(word, variables) : own
  return `${text.slice(0, start)}${replacement}${interpolate(text.slice(end), variables)}`
}
