import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { StreamEventName } from './frames.ts'

const LIFE_SECONDS = [1, 10, 60, 300, 900, 1_800, 3_600]
const LAG_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** What the API counts of event streams. */
export interface StreamMetrics {
  life: Histogram
  /** Events written to a stream, by their names. */
  countSent(names: readonly StreamEventName[]): void
  lag: Histogram
  overflows: Counter
}

/** Registers {@link StreamMetrics}, and gauges of what is open and what waits. */
export function createStreamMetrics(
  registry: Registry,
  streams: () => { open: number; unreadBytes: number },
): StreamMetrics {
  const registers = [registry]
  new Gauge({
    name: 'sse_connections',
    help: 'Event streams that are open',
    registers,
    collect() {
      this.set(streams().open)
    },
  })
  new Gauge({
    name: 'sse_queue_size',
    help: 'Bytes that wait here until readers of event streams take them',
    registers,
    collect() {
      this.set(streams().unreadBytes)
    },
  })
  // A counter with labels costs as much as a write, and there is one for each stream.
  const sent = new Map<StreamEventName, number>()
  new Counter({
    name: 'sse_events_sent_total',
    help: 'Events written to streams, by their name',
    labelNames: ['event'],
    registers,
    collect() {
      this.reset()
      for (const [event, count] of sent) this.inc({ event }, count)
    },
  })
  return {
    countSent(names) {
      for (const name of names) sent.set(name, (sent.get(name) ?? 0) + 1)
    },
    life: new Histogram({
      name: 'sse_connection_seconds',
      help: 'How long event streams were open that have ended',
      buckets: LIFE_SECONDS,
      registers,
    }),
    lag: new Histogram({
      name: 'sse_delivery_lag_seconds',
      help: 'Time from a change to its events being written to all streams of this instance',
      buckets: LAG_SECONDS,
      registers,
    }),
    overflows: new Counter({
      name: 'sse_overflow_total',
      help: 'Event streams closed because their reader was too slow',
      registers,
    }),
  }
}
