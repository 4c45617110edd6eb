import type { GatewayReport } from '@mindfuse/internal'
import { type Release, VitalSigns } from '@mindfuse/service-kit'
import type { Metrics } from './metrics.ts'

/** How this gateway is, for the page of operators; what it counts is in its metrics. */
export function createGatewayReport(deps: {
  gatewayId: string
  release?: Release | undefined
  metrics: Pick<Metrics, 'received' | 'batchUpdates' | 'storing'>
  readiness: { reasons: readonly string[] }
  connections: { sockets: number }
  rooms: { size: number; unsavedBytes: number; oldestUnsavedMs: number }
}): () => Promise<GatewayReport> {
  const { gatewayId, metrics, readiness, connections, rooms } = deps
  const vitals = new VitalSigns<'messages' | 'edits' | 'batches' | 'storing'>(deps.release)

  return async () => {
    const { binary, text } = metrics.received
    const { perSecond, ...signs } = vitals.read({
      messages: binary.frames + text.frames,
      edits: (await totalsOf(metrics.batchUpdates)).sum,
      ...(await totalsOf(metrics.storing).then(({ sum, count }) => ({
        storing: sum,
        batches: count,
      }))),
    })
    return {
      kind: 'gateway',
      id: gatewayId,
      ...signs,
      reasons: [...readiness.reasons],
      connections: connections.sockets,
      rooms: rooms.size,
      editsPerSecond: perSecond.edits,
      messagesPerSecond: perSecond.messages,
      storeSeconds: perSecond.batches > 0 ? perSecond.storing / perSecond.batches : null,
      unsavedBytes: rooms.unsavedBytes,
      oldestUnsavedSeconds: rooms.oldestUnsavedMs / 1_000,
    }
  }
}

/** What a histogram has observed, all labels together. */
async function totalsOf(
  histogram: Metrics['storing'] | Metrics['batchUpdates'],
): Promise<{ sum: number; count: number }> {
  const { name, values } = await histogram.get()
  const total = (suffix: string) =>
    values.reduce((sum, { metricName, value }) => {
      return metricName === `${name}_${suffix}` ? sum + value : sum
    }, 0)
  return { sum: total('sum'), count: total('count') }
}
