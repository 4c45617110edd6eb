import { collectDefaultMetrics, Gauge, type Registry } from 'prom-client'
import { readLimitedMemory } from './memory-limit.ts'
import { DEVELOPMENT, type Release } from './release.ts'

/**
 * Counts what any process has: CPU, memory and its limit, the lag of the event loop, and which release it is.
 *
 * @param options.lagSampleIntervalMs how often the lag is sampled; 10 milliseconds by default
 */
export function collectProcessMetrics(options: {
  registry: Registry
  release?: Release | undefined
  lagSampleIntervalMs?: number
}): void {
  const { registry, release = DEVELOPMENT } = options
  const registers = [registry]
  collectDefaultMetrics({
    register: registry,
    ...(options.lagSampleIntervalMs && {
      eventLoopMonitoringPrecision: options.lagSampleIntervalMs,
    }),
  })
  new Gauge({
    name: 'mindfuse_build_info',
    help: 'Which release this is; always 1',
    labelNames: ['version', 'revision'],
    registers,
  }).set({ ...release }, 1)
  // Without a limit there is no series: 0 would be one.
  if (!readLimitedMemory()) return
  const gauge = (name: string, help: string, read: () => number | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read() ?? Number.NaN)
      },
    })
  gauge('memory_limit_bytes', 'Memory that the container may use', () => readLimitedMemory()?.limit)
  gauge(
    'memory_used_bytes',
    'Memory of all processes of the container, without cached files that are given up first',
    () => readLimitedMemory()?.used,
  )
}
