import { Counter, Histogram, type Registry } from 'prom-client'
import type { AssetStore } from './store/asset-store.ts'

/** A store whose calls are measured. */
export function measureStore(store: AssetStore, registry: Registry): AssetStore {
  const seconds = new Histogram({
    name: 'asset_store_seconds',
    help: 'How long the asset store takes for a call, until it answers',
    labelNames: ['operation'],
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    registers: [registry],
  })
  const failures = new Counter({
    name: 'asset_store_failures_total',
    help: 'Calls that the asset store failed at',
    labelNames: ['operation'],
    registers: [registry],
  })
  const measured = async <Result>(
    operation: string,
    call: () => Promise<Result>,
  ): Promise<Result> => {
    const stop = seconds.startTimer({ operation })
    try {
      return await call()
    } catch (error) {
      failures.inc({ operation })
      throw error
    } finally {
      stop()
    }
  }
  for (const operation of ['put', 'open', 'remove', 'list', 'check']) failures.inc({ operation }, 0)

  return {
    incoming: store.incoming,
    put: (key, file) => measured('put', () => store.put(key, file)),
    open: (key, range) => measured('open', () => store.open(key, range)),
    remove: (key) => measured('remove', () => store.remove(key)),
    async *list() {
      try {
        yield* store.list()
      } catch (error) {
        failures.inc({ operation: 'list' })
        throw error
      }
    },
    check: () => measured('check', () => store.check()),
    close: () => store.close(),
  }
}
