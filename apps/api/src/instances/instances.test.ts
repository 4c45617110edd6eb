import type { ApiReport, GatewayReport } from '@mindfuse/internal'
import { createMemorySharedState } from '@mindfuse/shared-state'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Instances } from './instances.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const vitals = (upSeconds: number) => ({
  id: crypto.randomUUID() as string,
  version: '1.0.0',
  upSeconds,
  reasons: [],
  eventLoopUtilization: 0.5,
  memoryBytes: 1,
})
const gateway = (upSeconds = 1): GatewayReport => ({
  kind: 'gateway',
  ...vitals(upSeconds),
  ...{ connections: 3, rooms: 2, editsPerSecond: 1, messagesPerSecond: 1, storeSeconds: null },
  ...{ unsavedBytes: 0, oldestUnsavedSeconds: 0 },
})
const api = (): ApiReport => ({
  kind: 'api',
  ...vitals(1),
  ...{ requestsPerSecond: 1, eventStreams: 0, documentJobs: 0, waitingForDatabase: 0 },
  publishingLagSeconds: 0,
})

function start(scopes: string[], bus = createMemorySharedState().instances) {
  return new Instances({ bus, scopes })
}

/** Messages arrive after they were published. */
const heard = () => vi.advanceTimersByTimeAsync(0)

test('each API knows what was reported to another', async () => {
  const bus = createMemorySharedState().instances
  const [first, second] = [start(['ours'], bus), start(['ours', 'former'], bus)]
  const [young, old, own] = [gateway(5), gateway(50), api()]
  first.report(young)
  first.report(old)
  second.report(own)
  await heard()
  for (const { gateways, apis } of [first.list(), second.list()]) {
    expect(gateways).toEqual([old, young].map((report) => ({ ...report, silentSeconds: 0 })))
    expect(apis).toEqual([{ ...own, silentSeconds: 0 }])
  }
})

test('another deployment on the same server is not listed, nor what is no report', async () => {
  const bus = createMemorySharedState().instances
  const [ours, theirs] = [start(['ours'], bus), start(['theirs'], bus)]
  theirs.report(gateway())
  await bus.publish('{')
  await bus.publish(JSON.stringify({ scope: 'ours', report: { kind: 'gateway' } }))
  await heard()
  expect(ours.list()).toEqual({ apis: [], gateways: [] })
})

test('one that is not heard of any longer is silent, and forgotten after a minute', () => {
  const instances = start(['ours'])
  const report = gateway()
  instances.report(report)
  vi.advanceTimersByTime(59_000)
  expect(instances.list().gateways).toEqual([{ ...report, silentSeconds: 59 }])
  vi.advanceTimersByTime(2_000)
  expect(instances.list().gateways).toEqual([])
})

test('the newest thousand are remembered', () => {
  const instances = start(['ours'])
  for (let i = 0; i < 1_100; i++) instances.report(gateway())
  expect(instances.list().gateways).toHaveLength(1_000)
})
