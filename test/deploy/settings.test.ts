import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '@mindfuse/service-kit'
import type { TObject } from 'typebox'
import { describe, expect, test } from 'vitest'
import { apiConfigSchema } from '../../apps/api/src/config.ts'
import { realtimeConfigSchema } from '../../apps/realtime/src/config.ts'
import { standaloneConfigSchema } from '../../apps/standalone/src/config.ts'
import { identityConfigSchema } from '../../packages/embedded/src/identity/config.ts'
import {
  type ComposeService,
  readCompose,
  readComposeFile,
  readEnv,
  variablesOf,
} from '../support/compose.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const read = (path: string) => readFile(join(ROOT, path), 'utf8')

const SCHEMAS: Record<string, TObject> = {
  'npm start': standaloneConfigSchema,
  'npm run start:api': apiConfigSchema,
  'npm run start:realtime': realtimeConfigSchema,
  'npm run start:identity': identityConfigSchema,
}

/** Which schema a service of the compose file is started with. */
const COMPOSE_SCHEMAS: Record<string, TObject> = {
  migrate: apiConfigSchema,
  api: apiConfigSchema,
  realtime: realtimeConfigSchema,
  'realtime-2': realtimeConfigSchema,
  identity: identityConfigSchema,
}

/** Set by docker-compose.yml for what it starts besides, and named in .env.example. */
const COMPOSE_ONLY = ['POSTGRES_PASSWORD']

const namesOf = (schema: TObject) => Object.keys(schema.properties)
const allNames = new Set(Object.values(SCHEMAS).flatMap(namesOf))

describe('.env.example', () => {
  test('names every setting and no other', async () => {
    const names = Object.keys(readEnv(await read('.env.example')))
    expect(names.toSorted()).toEqual([...allNames, ...COMPOSE_ONLY].toSorted())
  })

  test('gives the defaults of the schemas, as far as it gives values', async () => {
    const example = readEnv(await read('.env.example'))
    for (const schema of [apiConfigSchema, realtimeConfigSchema, identityConfigSchema]) {
      for (const [name, property] of Object.entries(schema.properties)) {
        const { default: fallback } = property as { default?: unknown }
        if (fallback === undefined || example[name] === '') continue
        const value = name === 'MIGRATE' ? example[name] === '1' : example[name]
        expect([name, `${value}`]).toEqual([name, `${fallback}`])
      }
    }
  })

  test('is enough to start both services, with a client at the identity provider', async () => {
    const example = readEnv(await read('.env.example'))
    const google = { GOOGLE_CLIENT_ID: 'local', GOOGLE_CLIENT_SECRET: 'local' }
    loadConfig(apiConfigSchema, { ...example, ...google })
    loadConfig(realtimeConfigSchema, example)
  })
})

describe('SETTINGS.md', () => {
  test.each(Object.entries(SCHEMAS))(
    'has a table of the settings of %s',
    async (command, schema) => {
      const page = await read('docs/SETTINGS.md')
      const from = page.indexOf(`\`${command}\`\n(`) + 1 || page.indexOf(`\`${command}\` (`) + 1
      expect(from).toBeGreaterThan(0)
      const table = page.slice(from).split('\n\n')[1] ?? ''
      const rows = [...table.matchAll(/^\| `([A-Z\d_]+)` \| (?:`([^`]*)`|(\w+)) \|/gm)]
      expect(rows.map(([, name]) => name).toSorted()).toEqual(namesOf(schema).toSorted())
      for (const [, name = '', value] of rows) {
        const fallback = (schema.properties[name] as { default?: unknown }).default
        if (fallback !== undefined) expect([name, value]).toEqual([name, `${fallback}`])
      }
    },
  )
})

describe('docker-compose.yml', () => {
  const ours = (services: Record<string, ComposeService>) =>
    Object.entries(COMPOSE_SCHEMAS).map(([name, schema]) => ({
      name,
      schema,
      service: services[name]!,
    }))

  test('gives each service settings that it knows, and all that it needs', async () => {
    for (const { name, schema, service } of ours(await readCompose())) {
      const unknown = Object.keys(service.environment).filter(
        (key) => !namesOf(schema).includes(key),
      )
      expect([name, unknown]).toEqual([name, []])
      if (name !== 'migrate') loadConfig(schema, service.environment)
    }
  })

  test('reads variables that .env.example names', async () => {
    const example = Object.keys(readEnv(await read('.env.example')))
    const asked = [...variablesOf(await readComposeFile())]
    expect(asked.filter((name) => !example.includes(name))).toEqual([])
  })

  test('has the same defaults as the services', async () => {
    for (const { schema, service } of ours(await readCompose())) {
      for (const name of [
        'DATABASE_POOL_SIZE',
        'TRUSTED_PROXIES',
        'RATE_LIMIT_FACTOR',
        ...namesOf(apiConfigSchema).filter((name) => name.startsWith('QUOTA_')),
        'AUDIT_RETENTION_DAYS',
        'OTEL_TRACES_SAMPLER_ARG',
        'LOG_LEVEL',
      ]) {
        const value = service.environment[name]
        if (value === undefined) continue
        const { default: fallback } = schema.properties[name] as { default?: unknown }
        expect([name, value]).toEqual([name, `${fallback}`])
      }
    }
  })

  test('signs people in at the local provider, and at Google once its client is given', async () => {
    const issuer = async (variables: Record<string, string>) =>
      (await readCompose(variables)).api!.environment
    expect(await issuer({})).toMatchObject({
      OIDC_ISSUER: 'http://localhost:8082',
      GOOGLE_CLIENT_ID: 'local',
    })
    const google = { GOOGLE_CLIENT_ID: 'id', GOOGLE_CLIENT_SECRET: 'secret' }
    expect(await issuer(google)).toMatchObject({
      OIDC_ISSUER: 'https://accounts.google.com',
      ...google,
    })
    await expect(issuer({ GOOGLE_CLIENT_ID: 'id' })).rejects.toThrow(/sign-in-google\.env/)
    await expect(issuer({ GOOGLE_CLIENT_SECRET: 's' })).rejects.toThrow(/sign-in-with-secret\.env/)
  })

  test('starts as well beside a copy of .env.example', async () => {
    const services = await readCompose(readEnv(await read('.env.example')))
    expect(services.api!.environment).toMatchObject({
      OIDC_ISSUER: 'http://localhost:8082',
      PUBLIC_API_URL: 'http://localhost:8080',
    })
    for (const { name, schema, service } of ours(services)) {
      if (name !== 'migrate') loadConfig(schema, service.environment)
    }
  })

  test('binds nothing beyond 127.0.0.1', async () => {
    const ports = Object.values(await readCompose()).flatMap((service) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(0)
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
  })

  test('lets its own containers write nothing, gain nothing, and stop in order', async () => {
    for (const [name, service] of Object.entries(await readCompose())) {
      if (!service.image.startsWith('mindfuse-') && name !== 'nginx') continue
      expect({ name, ...service }).toMatchObject({
        name,
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        // A process ends itself after 30 s.
        stop_grace_period: '40s',
      })
    }
  })

  test('names the release of every image that is not built here', async () => {
    for (const { image, build } of Object.values(await readCompose())) {
      if (!build) expect(image).toMatch(/:v?\d/)
    }
  })

  test('starts Dragonfly with what ARCHITECTURE.md counts on', async () => {
    const { dragonfly } = await readCompose()
    expect(dragonfly!.command).toEqual(
      expect.arrayContaining([
        '--dbfilename=',
        '--cache_mode=false',
        '--pubsub_slow_subscriber_timeout_ms=2000',
      ]),
    )
  })

  test('puts two gateways behind nginx in a profile, which its own file of settings chooses', async () => {
    const variables = readEnv(await read('deploy/compose/two-gateways.env'))
    const { COMPOSE_PROFILES } = variables
    const services = await readCompose(variables)
    const chosen = Object.keys(services).filter((name) => {
      return services[name]!.profiles?.includes(COMPOSE_PROFILES!)
    })
    expect(chosen.toSorted()).toEqual(['nginx', 'realtime-2'])
    expect(services['realtime-2']!.environment).toEqual(services.realtime!.environment)
    const origin = `http://localhost:${services.nginx!.ports![0]!.split(':')[1]}`
    expect(services.api!.environment).toMatchObject({
      PUBLIC_API_URL: origin,
      WEB_ORIGINS: origin,
      PUBLIC_REALTIME_URL: `${origin.replace('http', 'ws')}/ws`,
      TRUSTED_PROXIES: '1',
    })
  })
})
