/** How keys are batched. */
export interface BatchLoaderOptions<Key, Value> {
  /** Equal for keys that have the same value. */
  identify(key: Key): string
  /** Loads the values of keys, in their order. Where it rejects, so does each of them. */
  load(keys: readonly Key[]): Promise<readonly Value[]>
  /** Most keys in a batch. */
  maxBatch: number
  /** Most batches in flight; later keys are deferred until one is loaded. */
  maxInFlight: number
}

interface Pending<Key, Value> {
  key: Key
  value: Promise<Value>
  resolve(value: Value): void
  reject(error: unknown): void
}

/**
 * Makes a function that loads a value by its key, in a batch with all keys that are requested in the
 * same turn of the event loop, or while other batches are in flight: a crowd shares the cost of one
 * request. A pending key is loaded once. No value is cached, nor taken from a batch that was sent
 * before it was requested. The caller bounds the number of pending keys.
 */
export function createBatchLoader<Key, Value>(
  options: BatchLoaderOptions<Key, Value>,
): (key: Key) => Promise<Value> {
  const { identify, load, maxBatch, maxInFlight } = options
  const pending = new Map<string, Pending<Key, Value>>()
  let isScheduled = false
  let inFlight = 0

  const loadBatch = async (batch: readonly Pending<Key, Value>[]): Promise<void> => {
    inFlight++
    try {
      const values = await load(batch.map(({ key }) => key))
      if (values.length !== batch.length) throw new Error('not as many values as keys')
      for (const [i, { resolve }] of batch.entries()) resolve(values[i] as Value)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    inFlight--
    if (!isScheduled) loadPending()
  }

  const loadPending = (): void => {
    isScheduled = false
    while (pending.size > 0 && inFlight < maxInFlight) {
      const batch = [...pending].slice(0, maxBatch)
      for (const [id] of batch) pending.delete(id)
      void loadBatch(batch.map(([, entry]) => entry))
    }
  }

  return (key) => {
    const id = identify(key)
    const known = pending.get(id)
    if (known) return known.value
    const { promise: value, resolve, reject } = withResolvers<Value>()
    pending.set(id, { key, value, resolve, reject })
    if (!isScheduled) {
      isScheduled = true
      setImmediate(loadPending)
    }
    return value
  }
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<Value>() {
  let resolve!: (value: Value) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<Value>((res, rej) => {
    resolve = res
    reject = rej
  })
  return { promise, resolve, reject }
}
