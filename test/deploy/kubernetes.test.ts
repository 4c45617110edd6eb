import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
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
import { parse, parseAllDocuments, stringify } from 'yaml'
import { apiConfigSchema } from '../../apps/api/src/config.ts'
import { realtimeConfigSchema } from '../../apps/realtime/src/config.ts'
import { promtool } from '../support/promtool.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const FOLDER = join(ROOT, 'deploy/kubernetes')

/** Applied by hand alone. */
const UNDO = 'undo.yaml'

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
  expect(all.toSorted()).toEqual([...files, 'kustomization.yaml', UNDO].toSorted())
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
const podsOf = (kind: 'Deployment', name: string) => find(kind, name).spec.template
const [undo] = await readYaml(UNDO)
const APPS = ['api', 'realtime'] as const

test('manifests are what the schemas of Kubernetes allow', () => {
  expect(manifests.length).toBeGreaterThan(10)
  for (const manifest of [...manifests, undo]) {
    const Model = KINDS[manifest.kind as keyof typeof KINDS]
    expect([manifest.kind, manifest.apiVersion]).toEqual([Model.kind, Model.apiVersion])
    new Model(manifest).validate()
  }
})

test.each([
  [
    'api',
    apiConfigSchema,
    [
      ...['DATABASE_URL', 'REDIS_URL', 'INTERNAL_SECRET'],
      ...['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
      ...['ASSETS_S3_ACCESS_KEY_ID', 'ASSETS_S3_SECRET_ACCESS_KEY'],
    ],
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
    ASSETS_S3_ACCESS_KEY_ID: 'id',
    ASSETS_S3_SECRET_ACCESS_KEY: 'secret',
  }
  const given = Object.fromEntries(secrets.map((key) => [key, example[key]]))
  loadConfig(schema, { ...data, ...given })
  const readme = await readFile(join(FOLDER, 'README.md'), 'utf8')
  const command = readme.slice(readme.indexOf(`generic mindfuse-${name}`)).split(/generic|```/)[1]!
  const named = [...command.matchAll(/--from-literal=(\w+)/g)].map(([, key]) => key)
  expect(named.toSorted()).toEqual([...secrets].toSorted())
})

test('pods run as the images do, and may write and gain nothing', async () => {
  for (const { spec } of [...APPS.map((name) => podsOf('Deployment', name)), undo.spec.template]) {
    expect(spec.automountServiceAccountToken).toBe(false)
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1_000 })
    for (const { securityContext, resources } of [
      ...spec.containers,
      ...(spec.initContainers ?? []),
    ]) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(resources.limits.memory).toMatch(/^\d+[MG]i$/)
    }
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

test('an API migrates before it serves, with the image that serves, and only there', () => {
  const { initContainers, containers } = podsOf('Deployment', 'api').spec
  expect(initContainers).toHaveLength(1)
  const [{ image, command, envFrom }] = initContainers
  expect(image).toBe(containers[0].image)
  expect(command.slice(2)).toEqual(['apps/api/dist/db/migrate-cli.js', 'up'])
  expect(envFrom).toEqual([{ secretRef: { name: 'mindfuse-api' } }])
  expect(find('ConfigMap', 'mindfuse-api').data.MIGRATE).toBe('0')
  expect(undo.spec.template.spec.containers[0].command).toEqual([...command.slice(0, -1), 'down'])
  // What is undone and then retried is undone twice.
  expect([undo.spec.backoffLimit, undo.spec.template.spec.restartPolicy]).toEqual([0, 'Never'])
})

test('what belongs to one service can be applied without the other', () => {
  for (const { kind, metadata, spec } of manifests) {
    const app = APPS.find((name) => metadata.name === name || metadata.name.startsWith(`${name}-`))
    if (app === undefined || spec === undefined) continue
    expect([kind, metadata.labels]).toEqual([kind, { 'app.kubernetes.io/name': app }])
  }
})

test('services, budgets and scalers find their pods', () => {
  for (const { kind, spec } of manifests) {
    if (kind === 'HorizontalPodAutoscaler') {
      // Each apply would undo what it has done.
      expect(find('Deployment', spec.scaleTargetRef.name).spec).not.toHaveProperty('replicas')
    }
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
    '/boards/1/versions',
    '/workspaces/1/trash',
    '/workspaces/1/settings/members',
    '/account',
    '/invites/1',
    '/links/1',
    '/sign-in',
    '/operations',
    '/assets/a.js',
    '/openapi.json',
    '/docs',
  ]) {
    expect([route, serviceOf(route)]).toEqual([route, 'api'])
  }
  for (const route of ['/ws', '/ws/1', '/channels']) expect(serviceOf(route)).toBe('realtime')
  for (const route of ['/internal/positions', '/metrics', '/ready', '/live']) {
    expect([route, serviceOf(route)]).toEqual([route, undefined])
  }
})

const portOf = (app: (typeof APPS)[number]) =>
  podsOf('Deployment', app).spec.containers[0].ports.find(
    ({ name }: Manifest) => name === 'internal',
  ).containerPort

/** What Prometheus discovers of the pods of both services, one target for each port. */
const targets = APPS.flatMap((app) => {
  const [{ ports }] = podsOf('Deployment', app).spec.containers
  return ports.map(({ name, containerPort }: Manifest) => ({
    targets: [`10.0.0.1:${containerPort}`],
    labels: {
      __meta_kubernetes_namespace: 'mindfuse',
      __meta_kubernetes_pod_name: `${app}-1`,
      __meta_kubernetes_pod_phase: 'Running',
      __meta_kubernetes_pod_container_port_name: name,
      __meta_kubernetes_pod_label_app_kubernetes_io_name: podsOf('Deployment', app).metadata.labels[
        'app.kubernetes.io/name'
      ],
    },
  }))
})

test.skipIf(!promtool)(
  'Prometheus scrapes the internal port of each pod, as the jobs that alerts are about',
  async ({ onTestFinished }) => {
    const config = parse(await readFile(join(ROOT, 'deploy/prometheus/kubernetes.yml'), 'utf8'))
    const [scrape] = config.scrape_configs
    // Debian's build discovers no Kubernetes: it is given what would be discovered.
    expect(scrape.kubernetes_sd_configs).toEqual([
      { role: 'pod', namespaces: { names: [find('Namespace', 'mindfuse').metadata.name] } },
    ])
    delete scrape.kubernetes_sd_configs
    const ended = structuredClone(targets.at(-1))
    ended.labels.__meta_kubernetes_pod_phase = 'Failed'
    const directory = await mkdtemp(join(tmpdir(), 'mindfuse-prometheus-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const file = join(directory, 'prometheus.yml')
    const given = { ...scrape, static_configs: [...targets, ended] }
    await writeFile(file, stringify({ scrape_configs: [given] }))
    // It waits for as long as it may.
    const check = ['check', 'service-discovery', '--timeout=3s', file, 'mindfuse']
    const { stdout } = spawnSync(promtool!, check, { encoding: 'utf8' })
    const found: Manifest[] = JSON.parse(stdout).map(({ labels }: Manifest) => labels)
    const scraped = found
      .filter(({ job }) => job)
      .map(({ __address__: address, job, instance, namespace, pod }) =>
        [job, address, instance, namespace, pod].join(' '),
      )
    expect(scraped.toSorted()).toEqual([
      `mindfuse-api 10.0.0.1:${portOf('api')} api-1 mindfuse api-1`,
      `mindfuse-realtime 10.0.0.1:${portOf('realtime')} realtime-1 mindfuse realtime-1`,
    ])
  },
)
