import { performance } from 'node:perf_hooks'
import { DEVELOPMENT, type Release } from './release.ts'

/** Rates are of a second at least, milliseconds. */
const MIN_INTERVAL_MS = 1_000

/** How a process is. */
export interface Vitals<Name extends string> {
  version: string
  /** Age of the process, seconds. */
  upSeconds: number
  /** Share of the time in which the event loop had work, 0 to 1: a core is used up at 1. */
  eventLoopUtilization: number
  memoryBytes: number
  /** What was counted, a second. */
  perSecond: Record<Name, number>
}

/**
 * Reads how this process is, as an average since it was last read. The utilization of the event loop is free,
 * and shows a loop that stands still as one that is full; its lag is in `/metrics`, whose histogram begins anew
 * with each scrape.
 */
export class VitalSigns<Name extends string> {
  readonly #version: string
  #readAt = performance.now()
  #utilization = performance.eventLoopUtilization()
  #totals: Partial<Record<Name, number>> = {}
  #last: Pick<Vitals<Name>, 'eventLoopUtilization' | 'perSecond'> | undefined

  constructor(release: Release | undefined) {
    this.#version = (release ?? DEVELOPMENT).version
  }

  /** @param totals what has been counted since the start, by name */
  read(totals: Record<Name, number>): Vitals<Name> {
    return {
      version: this.#version,
      upSeconds: Math.round(process.uptime()),
      memoryBytes: process.memoryUsage.rss(),
      ...this.#average(totals),
    }
  }

  #average(totals: Record<Name, number>) {
    const now = performance.now()
    const seconds = (now - this.#readAt) / 1_000
    if (this.#last && now - this.#readAt < MIN_INTERVAL_MS) return this.#last
    const utilization = performance.eventLoopUtilization()
    const { utilization: share } = performance.eventLoopUtilization(utilization, this.#utilization)
    const rates = Object.entries<number>(totals).map(([name, total]) => {
      const before = this.#totals[name as Name] ?? 0
      return [name, Math.max(0, total - before) / Math.max(seconds, MIN_INTERVAL_MS / 1_000)]
    })
    this.#readAt = now
    this.#utilization = utilization
    this.#totals = { ...totals }
    this.#last = {
      eventLoopUtilization: Math.min(1, Math.max(0, share)),
      perSecond: Object.fromEntries(rates) as Record<Name, number>,
    }
    return this.#last
  }
}
