import { cpuMs, waitedMs } from '../process-stats.ts'
import type { Crowd } from './crowd.ts'
import { Histogram } from './histogram.ts'
import { Stream, type StreamPlan } from './stream.ts'
import type { Layout } from './targets.ts'
import { Watch, type WatchOptions } from './watch.ts'

/** How long to wait for what is on its way when all is sent, milliseconds. */
const SETTLE_MS = 6_000
const SETTLE_CHECK_MS = 50

/** This long before something is due a precise load stops sleeping, milliseconds. */
const SPIN_MS = 2.5

/** One stream as its readers had it. */
export interface StreamResult {
  /** States or edits that were sent in all. */
  sent: number
  /** States or edits that were new to a reader, each once for each, while CPU was measured. */
  received: number
  /** How many were due in that time, each once for every reader. */
  expected: number
  /** The share of these that was seen within 5 s. */
  delivered: number
  /** From when it was due, milliseconds. */
  latency: Histogram
  /** Edits that came before one they build on. */
  holes: number
}

/** What one measurement gave. */
export interface LoadResult {
  /** In the order of the plans. */
  streams: StreamResult[]
  /** Of the server, milliseconds, and how long it was measured. */
  cpuMs: number
  wallMs: number
  /** How long server and load waited for a core that something else had, milliseconds. */
  waitedMs: number
  /** Messages that came to all readers together meanwhile. */
  messages: number
  /** CPU of this process, as a share of a core. */
  loadCpu: number
  /** How long after it was due something was sent, milliseconds. */
  lateness: Histogram
}

/** What is played, and between which times it is measured: milliseconds after the start. */
export interface LoadOptions extends WatchOptions {
  /** The server's processes. */
  pids: readonly number[]
  plans: readonly StreamPlan[]
  /** Sends to the tenth of a millisecond, for which it takes the whole core now and then. */
  isPrecise?: boolean
}

/**
 * Plays plans to everybody. Whoever is late sends at once, and what they send counts from when it was
 * due: a server that stops for a second is charged with all that should have gone through it then.
 */
export async function play(
  crowd: Crowd,
  layout: Layout,
  options: LoadOptions,
): Promise<LoadResult> {
  const { plans, fromMs, toMs, isPrecise = false } = options
  const streams = plans.map((plan, i) => new Stream(plan, layout, i + 1))
  const watches = streams.map((stream) => new Watch(stream, layout, options))
  const lateness = new Histogram()
  const startedAt = performance.now()
  const now = () => performance.now() - startedAt
  crowd.observer = {
    see(kind, reader, person, from, to, atMs) {
      for (let i = 0; i < watches.length; i++) {
        if (plans[i]?.kind === kind) watches[i]?.see(reader, person, from, to, atMs - startedAt)
      }
    },
  }
  const send = (person: number, frame: Uint8Array, dueAt: number) => {
    lateness.record(now() - dueAt)
    crowd.send(person, frame)
  }
  const sendUntil = async (endMs: number) => {
    for (;;) {
      const nowMs = Math.min(now(), endMs)
      const nextAt = streams.map((stream) => stream.sendDue(nowMs, send) ?? endMs)
      if (nowMs === endMs) return
      const isNear = isPrecise && Math.min(...nextAt) - now() < SPIN_MS
      await new Promise((resolve) => (isNear ? setImmediate(resolve) : setTimeout(resolve, 1)))
    }
  }
  const take = () => ({
    atMs: now(),
    serverCpuMs: sum(options.pids.map(cpuMs)),
    waitedMs: sum([...options.pids, process.pid].map(waitedMs)),
    own: process.cpuUsage(),
    messages: crowd.messages,
    received: watches.map(({ received }) => received),
  })

  await sendUntil(fromMs)
  const first = take()
  await sendUntil(toMs)
  const last = take()
  const settledBy = now() + SETTLE_MS
  while (now() < settledBy && !watches.every(({ isComplete }) => isComplete)) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_CHECK_MS))
  }
  crowd.observer = undefined
  const wallMs = last.atMs - first.atMs
  const ownUs = last.own.user + last.own.system - first.own.user - first.own.system
  return {
    streams: watches.map((watch, i) => {
      const expected = watch.expected()
      return {
        sent: streams[i]?.count ?? 0,
        received: (last.received[i] ?? 0) - (first.received[i] ?? 0),
        expected,
        delivered: watch.latency.total / expected,
        latency: watch.latency,
        holes: watch.holes,
      }
    }),
    cpuMs: last.serverCpuMs - first.serverCpuMs,
    wallMs,
    waitedMs: last.waitedMs - first.waitedMs,
    messages: last.messages - first.messages,
    loadCpu: ownUs / 1_000 / wallMs,
    lateness,
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
