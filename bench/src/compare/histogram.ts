/** Values below this have a bucket each; above, every doubling is divided into half as many. */
const EXACT_BELOW = 1_024
const EXACT_BITS = 10
const HALF = EXACT_BELOW / 2
const BUCKETS = EXACT_BELOW + 22 * HALF

/**
 * Times in buckets whose width is at most 0.2 % of what is in them: as HdrHistogram does it, and for
 * millions of values without keeping any.
 */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS)
  #total = 0
  #max = 0

  get total(): number {
    return this.#total
  }

  /** Milliseconds. */
  get max(): number {
    return this.#max
  }

  /** @param ms milliseconds; kept to the microsecond, up to an hour */
  record(ms: number): void {
    const value = ms > 0 ? Math.round(ms * 1_000) : 0
    const bucket = Math.min(BUCKETS - 1, bucketOf(value))
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1
    this.#total++
    if (ms > this.#max) this.#max = ms
  }

  /** The value, in milliseconds, below which such a share of all is; NaN where there is none. */
  quantile(share: number): number {
    if (this.#total === 0) return Number.NaN
    let left = Math.ceil(share * this.#total)
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.#counts[bucket] ?? 0
      if (left <= 0) return Math.min(this.#max, middleOf(bucket) / 1_000)
    }
    return this.#max
  }
}

function bucketOf(value: number): number {
  if (value < EXACT_BELOW) return value
  const shift = 32 - Math.clz32(value) - EXACT_BITS
  return EXACT_BELOW + (shift - 1) * HALF + (value >>> shift) - HALF
}

function middleOf(bucket: number): number {
  if (bucket < EXACT_BELOW) return bucket
  const shift = Math.floor((bucket - EXACT_BELOW) / HALF) + 1
  const head = ((bucket - EXACT_BELOW) % HALF) + HALF
  return (head + 0.5) * 2 ** shift
}
