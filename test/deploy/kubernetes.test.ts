import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '@mindfuse/service-kit'
import { Deployment } from 'kubernetes-models/apps/v1/Deployment'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler'
import { Job } from 'kubernetes-models/batch/v1/Job'
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress'
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget'
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap'
import { Namespace } from 'kubernetes-models/v1/Namespace'
import { Service } from 'kubernetes-models/v1/Service'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { apiConfigSchema } from '../../apps/api/src/config.ts'
import { realtimeConfigSchema } from '../../apps/realtime/src/config.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDER = join(ROOT, 'deploy/kubernetes')

const KINDS = {
  ConfigMap,
  Deployment,
  HorizontalPodAutoscaler,
  Ingress,
  Job,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
}

/** What a process may take to end, seconds: `runService` ends it then. */
const STOP_DEADLINE_SECONDS = 30

/** Parts of manifests are read as they come: their shape is what the first test checks. */
type Manifest = any

async function readManifests(): Promise<Manifest[]> {
  const kustomization = await readYaml('kustomization.yaml')
  const files: string[] = kustomization[0].resources
  const all = (await readdir(FOLDER)).filter((file) => file.endsWith('.yaml'))
  expect(all.toSorted()).toEqual([...files, 'kustomization.yaml'].toSorted())
  return (await Promise.all(files.map(readYaml))).flat()
}

async function readYaml(file: string): Promise<Manifest[]> {
  const documents = parseAllDocuments(await readFile(join(FOLDER, file), 'utf8'), { merge: true })
  return documents.map((document) => {
    expect(document.errors).toEqual([])
    return document.toJS()
  })
}

const manifests = await readManifests()
const find = (kind: keyof typeof KINDS, name: string): Manifest => {
  const found = manifests.find((it) => it.kind === kind && it.metadata.name === name)
  if (!found) throw new Error(`there is no ${kind} ${name}`)
  return found
}
const podsOf = (kind: 'Deployment' | 'Job', name: string) => find(kind, name).spec.template
const APPS = ['api', 'realtime'] as const

test('manifests are what the schemas of Kubernetes allow', () => {
  expect(manifests.length).toBeGreaterThan(10)
  for (const manifest of manifests) {
    const Model = KINDS[manifest.kind as keyof typeof KINDS]
    expect([manifest.kind, manifest.apiVersion]).toEqual([Model.kind, Model.apiVersion])
    new Model(manifest).validate()
  }
})

test.each([
  [
    'api',
    apiConfigSchema,
    ['DATABASE_URL', 'REDIS_URL', 'INTERNAL_SECRET', 'GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
  ],
  ['realtime', realtimeConfigSchema, ['REDIS_URL', 'INTERNAL_SECRET']],
] as const)('the settings of %s are enough, and known', async (name, schema, secrets) => {
  const [container] = podsOf('Deployment', name).spec.containers
  expect(container.envFrom).toEqual([
    { configMapRef: { name: `mindfuse-${name}` } },
    { secretRef: { name: `mindfuse-${name}` } },
  ])
  const { data } = find('ConfigMap', `mindfuse-${name}`)
  for (const key of Object.keys(data)) expect(Object.keys(schema.properties)).toContain(key)
  const example = {
    DATABASE_URL: 'postgres://user:password@host/mindfuse',
    REDIS_URL: 'redis://host',
    INTERNAL_SECRET: 'x'.repeat(16),
    GOOGLE_CLIENT_ID: 'id',
    GOOGLE_CLIENT_SECRET: 'secret',
  }
  const given = Object.fromEntries(secrets.map((key) => [key, example[key]]))
  loadConfig(schema, { ...data, ...given })
  const readme = await readFile(join(FOLDER, 'README.md'), 'utf8')
  const command = readme.slice(readme.indexOf(`generic mindfuse-${name}`)).split(/generic|```/)[1]!
  const named = [...command.matchAll(/--from-literal=(\w+)/g)].map(([, key]) => key)
  expect(named.toSorted()).toEqual([...secrets].toSorted())
})

test('pods run as the images do, and may write and gain nothing', async () => {
  for (const [kind, name] of [
    ['Deployment', 'api'],
    ['Deployment', 'realtime'],
    ['Job', 'migrate'],
  ] as const) {
    const { spec } = podsOf(kind, name)
    expect(spec.automountServiceAccountToken).toBe(false)
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1_000 })
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    })
  }
  const dockerfile = await readFile(join(ROOT, 'Dockerfile.realtime'), 'utf8')
  const exposed = /^EXPOSE (\d+)$/m.exec(dockerfile)?.[1]
  const [{ ports }] = podsOf('Deployment', 'realtime').spec.containers
  expect(ports[0]).toEqual({ name: 'http', containerPort: Number(exposed) })
})

test('a pod has the time to stop in order, after it was taken out of the balance', () => {
  for (const name of APPS) {
    const { terminationGracePeriodSeconds, containers } = podsOf('Deployment', name).spec
    const [, pause] = containers[0].lifecycle.preStop.exec.command
    expect(Number(pause)).toBeGreaterThan(0)
    expect(terminationGracePeriodSeconds).toBeGreaterThan(Number(pause) + STOP_DEADLINE_SECONDS)
    const { readinessProbe, livenessProbe, startupProbe } = containers[0]
    const probes = [readinessProbe, livenessProbe, startupProbe].map(({ httpGet }) => httpGet)
    expect(probes).toEqual(['/ready', '/live', '/live'].map((path) => ({ path, port: 'internal' })))
    expect(find('PodDisruptionBudget', name).spec.maxUnavailable).toBe(1)
  }
})

test('services, budgets and scalers find their pods', () => {
  for (const { kind, spec } of manifests) {
    if (kind === 'HorizontalPodAutoscaler') find('Deployment', spec.scaleTargetRef.name)
    const labels = kind === 'Service' ? spec.selector : spec?.selector?.matchLabels
    const app = labels?.['app.kubernetes.io/name']
    if (app === undefined) continue
    const pod = podsOf('Deployment', app)
    expect(pod.metadata.labels['app.kubernetes.io/name']).toBe(app)
    const names = pod.spec.containers[0].ports.map((port: Manifest) => port.name)
    for (const port of spec.ports ?? []) expect(names).toContain(port.targetPort)
  }
  const { metrics } = find('HorizontalPodAutoscaler', 'realtime').spec
  expect(metrics[0].pods.metric.name).toBe('realtime_connections')
})

/** Who reaches a port of an app. */
function whoReaches(app: string, port: string) {
  const toApp = manifests.filter(
    ({ kind, spec }) =>
      kind === 'NetworkPolicy' && spec.podSelector.matchLabels?.['app.kubernetes.io/name'] === app,
  )
  const rules = toApp.flatMap(({ spec }) => spec.ingress)
  for (const rule of rules) expect(rule.ports).toHaveLength(1)
  return rules.filter(({ ports }) => ports[0].port === port).flatMap(({ from }) => from)
}

const MONITORING = {
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } },
}
const INGRESS = { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress' } } }

test('the metrics of gateways are reached by Prometheus alone', () => {
  const { REALTIME_INTERNAL_PORT } = find('ConfigMap', 'mindfuse-realtime').data
  const pod = podsOf('Deployment', 'realtime')
  expect(pod.metadata.annotations['prometheus.io/port']).toBe(REALTIME_INTERNAL_PORT)
  expect(pod.spec.containers[0].ports).toContainEqual({
    name: 'internal',
    containerPort: Number(REALTIME_INTERNAL_PORT),
  })
  expect(whoReaches('realtime', 'internal')).toEqual([MONITORING])
  expect(whoReaches('realtime', 'http')).toEqual([INGRESS])
})

test('the internal port is reached by gateways and Prometheus alone', () => {
  const { API_INTERNAL_PORT } = find('ConfigMap', 'mindfuse-api').data
  const { API_INTERNAL_URL } = find('ConfigMap', 'mindfuse-realtime').data
  const service = find('Service', 'api-internal').spec
  expect(service.ports).toEqual([
    { name: 'internal', port: Number(API_INTERNAL_PORT), targetPort: 'internal' },
  ])
  expect(API_INTERNAL_URL).toBe(`http://api-internal:${API_INTERNAL_PORT}`)

  expect(find('NetworkPolicy', 'nobody').spec).toEqual({
    podSelector: {},
    policyTypes: ['Ingress'],
  })
  expect(whoReaches('api', 'internal')).toEqual([
    { podSelector: { matchLabels: { 'app.kubernetes.io/name': 'realtime' } } },
    MONITORING,
  ])
  expect(whoReaches('api', 'http')).toEqual([INGRESS])
})

test('the ingress has every public route, and none that is for the inside', async () => {
  const [rule] = find('Ingress', 'mindfuse').spec.rules
  const paths: { path: string; pathType: string; service: string }[] = rule.http.paths.map(
    ({ path, pathType, backend }: Manifest) => ({ path, pathType, service: backend.service.name }),
  )
  const serviceOf = (address: string) =>
    paths.find(({ path, pathType }) =>
      pathType === 'Exact' ? address === path : address === path || address.startsWith(`${path}/`),
    )?.service
  const openapi = JSON.parse(await readFile(join(ROOT, 'apps/api/openapi.json'), 'utf8'))
  const routes = Object.keys(openapi.paths).filter((path) => path !== '/ready')
  for (const route of [
    ...routes,
    '/',
    '/boards/1',
    '/workspaces/1/trash',
    '/invites/1',
    '/assets/a.js',
    '/openapi.json',
    '/docs',
  ]) {
    expect([route, serviceOf(route)]).toEqual([route, 'api'])
  }
  for (const route of ['/ws', '/ws/1']) expect(serviceOf(route)).toBe('realtime')
  for (const route of ['/internal/positions', '/metrics', '/ready', '/live']) {
    expect([route, serviceOf(route)]).toEqual([route, undefined])
  }
})
