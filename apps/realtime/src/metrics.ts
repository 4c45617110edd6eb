import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** What a gateway counts; names follow Prometheus' conventions and say their unit. */
export interface Metrics {
  /** Outcomes of admission: `admitted`, or the refusal's code. */
  admissions: Counter<'outcome'>
  /** Binary and text frames and their bytes, by direction. */
  framesIn: Counter<'kind'>
  bytesIn: Counter<'kind'>
  /** Connections that ended, by close code. */
  closes: Counter<'code'>
  /** Connections of dead gateways whose presence was removed. */
  presenceReaped: Counter
  /** Time from reading a frame to having handed it to every reader's socket. */
  handling: Histogram<'kind'>
  /** The text format of all of them. */
  render(): Promise<{ contentType: string; body: string }>
}

/** Bounds of the handling histogram, seconds. */
const HANDLING_BUCKETS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25]

/** @param deps read at each scrape */
export function createMetrics(deps: {
  connections: () => number
  rooms: () => number
  unsavedBytes: () => number
}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('realtime_connections', 'Open WebSockets', deps.connections)
  gauge('realtime_rooms', 'Open boards', deps.rooms)
  gauge('realtime_unsaved_bytes', 'Edits that are not stored yet', deps.unsavedBytes)

  return {
    admissions: new Counter({
      name: 'realtime_admissions_total',
      help: 'Upgrades decided on, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    framesIn: new Counter({
      name: 'realtime_frames_received_total',
      help: 'Frames received, by kind',
      labelNames: ['kind'],
      registers,
    }),
    bytesIn: new Counter({
      name: 'realtime_received_bytes_total',
      help: 'Bytes received in frames, by kind',
      labelNames: ['kind'],
      registers,
    }),
    closes: new Counter({
      name: 'realtime_closes_total',
      help: 'Connections that ended, by close code',
      labelNames: ['code'],
      registers,
    }),
    presenceReaped: new Counter({
      name: 'realtime_presence_reaped_total',
      help: 'Connections of dead gateways whose presence was removed',
      registers,
    }),
    handling: new Histogram({
      name: 'realtime_frame_handling_seconds',
      help: 'Time from reading a frame to having handed it to every reader',
      labelNames: ['kind'],
      buckets: HANDLING_BUCKETS,
      registers,
    }),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}
