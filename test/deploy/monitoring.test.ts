import { spawnSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  connectStockClient,
  connectWhiteboard,
  createBoard,
  eventually,
  signIn,
} from '@mindfuse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { documentCalls, recordedDoc } from '../support/documents.ts'
import { newPicture, upload } from '../support/files.ts'
import { readExposition, readExpression } from '../support/promql.ts'
import { promtool } from '../support/promtool.ts'
import { type Stack, startStack } from '../support/stack.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const PROMETHEUS = join(ROOT, 'deploy/prometheus')
const DASHBOARDS = join(ROOT, 'deploy/grafana/dashboards')

/** Made by Prometheus, not by a service. */
const OWN_METRICS = ['up']
/** Where a container has a limit of memory. */
const LIMITED_METRICS = ['memory_used_bytes', 'memory_limit_bytes']
const OWN_LABELS = ['job', 'instance']

/** Enough for the API to merge a board. */
const UPDATES = 520

interface Rule {
  alert: string
  expr: string
  labels: { severity: string }
  annotations: { summary: string }
}

interface Panel {
  title: string
  targets: { expr: string; legendFormat: string }[]
}

async function readAlerts(): Promise<Rule[]> {
  const { groups } = parse(await readFile(join(PROMETHEUS, 'alerts.yml'), 'utf8'))
  return groups.flatMap(({ rules }: { rules: Rule[] }) => rules)
}

async function readPanels(): Promise<Panel[]> {
  const files = await readdir(DASHBOARDS)
  const boards = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(DASHBOARDS, file), 'utf8'))),
  )
  return boards.flatMap(({ panels }: { panels: Panel[] }) => panels)
}

describe.skipIf(!promtool)('promtool', () => {
  test.each([
    ['check', 'config', 'prometheus.yml'],
    ['check', 'rules', 'alerts.yml'],
    ['test', 'rules', 'alerts.test.yml'],
  ])('%s %s %s', (...args) => {
    const { status, stdout, stderr } = spawnSync(promtool!, args, { cwd: PROMETHEUS })
    expect([status, `${stdout}${stderr}`]).toEqual([0, expect.stringContaining('SUCCESS')])
  })
})

test('each alert has a case in which it fires', async () => {
  const { tests } = parse(await readFile(join(PROMETHEUS, 'alerts.test.yml'), 'utf8'))
  const cases: { alertname: string; exp_alerts?: unknown[] }[] = tests.flatMap(
    ({ alert_rule_test }: { alert_rule_test: unknown[] }) => alert_rule_test,
  )
  const firing = cases.filter(({ exp_alerts = [] }) => exp_alerts.length > 0)
  const alerts = (await readAlerts()).map(({ alert }) => alert)
  expect([...new Set(firing.map(({ alertname }) => alertname))].toSorted()).toEqual(
    alerts.toSorted(),
  )
})

describe('alerts and dashboards', () => {
  let stack: Stack
  let exposed: Map<string, Set<string>>
  let expressions: string[]
  beforeAll(async () => {
    stack = await startStack()
    expressions = [
      ...(await readAlerts()).map(({ expr }) => expr),
      ...(await readPanels()).flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ]
    await exerciseAll(stack)
  })
  afterAll(() => stack.stop())

  const scrape = async () => {
    const gateway = stack.realtimeUrl.replace(/^ws/, 'http').replace(/\/ws$/, '')
    const bodies = await Promise.all(
      [stack.apiUrl, gateway].map(async (url) => (await fetch(`${url}/metrics`)).text()),
    )
    return readExposition(bodies.join('\n'))
  }

  /** Does what every metric that has labels takes to show them. */
  const exerciseAll = async ({ apiUrl, realtimeUrl }: Stack) => {
    const ada = await signIn(apiUrl, 'ada@example.com')
    const token = ada.accessToken
    const boardId = await createBoard(apiUrl, token)
    const stock = connectStockClient({ realtimeUrl, boardId, token })
    const speaker = await connectWhiteboard({ realtimeUrl, boardId, token })
    await stock.synced()
    stock.doc.getMap('shapes').set('a', 1)
    speaker.say({ type: 'presence:update', cursor: { x: 1, y: 2 }, selection: [] })
    const { doc, updates } = recordedDoc()
    for (let i = 0; i < UPDATES; i++) doc.getText('text').insert(0, 'x')
    await documentCalls(stack).append(await createBoard(apiUrl, token), ada.user.id, ...updates)
    expect((await upload({ apiUrl }, ada, boardId, newPicture())).status).toBe(201)
    await speaker.heard('presence:sync')
    stock.destroy()
    speaker.destroy()
    const stream = new AbortController()
    const headers = { authorization: `Bearer ${token}` }
    await fetch(`${apiUrl}/api/events`, { headers, signal: stream.signal })
    await eventually(
      'every metric that has labels has a sample',
      async () => {
        exposed = await scrape()
        const late = [
          'document_compactions_total',
          'realtime_closes_total',
          'sse_events_sent_total',
        ]
        return late.every((name) => exposed.has(name))
      },
      40_000,
    )
    stream.abort()
  }

  test('ask for metrics and labels that the services expose', () => {
    expect(expressions.length).toBeGreaterThan(50)
    for (const expression of expressions) {
      const { metrics, grouping } = readExpression(expression)
      const labelsAtHand = new Set(OWN_LABELS)
      for (const { name, labels } of metrics) {
        const known =
          exposed.get(name) ??
          ([...OWN_METRICS, ...LIMITED_METRICS].includes(name) ? new Set() : undefined)
        if (!known) throw new Error(`nothing exposes ${name}: ${expression}`)
        for (const label of known) labelsAtHand.add(label as string)
        const strangers = labels.filter((label) => !known.has(label) && !OWN_LABELS.includes(label))
        expect([expression, strangers]).toEqual([expression, []])
      }
      const strangers = grouping.filter((label) => !labelsAtHand.has(label))
      expect([expression, strangers]).toEqual([expression, []])
    }
  })

  test('say of a panel’s series what they are, by labels that are left', async () => {
    for (const { targets, title } of await readPanels()) {
      for (const { expr, legendFormat } of targets) {
        const { grouping, metrics } = readExpression(expr)
        const isGrouped = /\b(sum|max|min|avg|topk)\b/.test(expr)
        for (const [, label = ''] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) {
          const left = isGrouped
            ? grouping
            : [...OWN_LABELS, ...metrics.flatMap(({ name }) => [...(exposed.get(name) ?? [])])]
          expect([title, label, left]).toEqual([title, label, expect.arrayContaining([label])])
        }
      }
    }
  })

  test('of each, OPERATIONS.md says what it means and what to do', async () => {
    const operations = await readFile(join(ROOT, 'docs/OPERATIONS.md'), 'utf8')
    const explained = [...operations.matchAll(/^### (\w+) \((page|ticket)\)$/gm)].map(
      ([, name, severity]) => ({ name, severity }),
    )
    const alerts = (await readAlerts()).map(({ alert, labels }) => ({
      name: alert,
      severity: labels.severity,
    }))
    expect(explained).toEqual(alerts)
  })
})
