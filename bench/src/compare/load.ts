import { cpuMs, residentBytes } from '../process-stats.ts'
import type { Crowd } from './crowd.ts'
import { Histogram } from './histogram.ts'
import { Stream, type StreamPlan } from './stream.ts'
import type { Layout } from './targets.ts'
import { Watch } from './watch.ts'

/** How long to wait for what is on its way when all is sent, milliseconds. */
const SETTLE_MS = 6_000
const SETTLE_CHECK_MS = 50

/** One stream as its readers had it. */
export interface StreamResult {
  kind: StreamPlan['kind']
  /** States or edits that were new to a reader, each counted for each, while CPU was measured. */
  received: number
  /** Of those due in that time: how many were to be seen, and the share that was, within 5 s. */
  expected: number
  delivered: number
  /** From when it was due, milliseconds. */
  latency: Histogram
  /** Edits that came before one they build on. */
  holes: number
}

/** What one measurement gave. */
export interface LoadResult {
  streams: StreamResult[]
  /** Of the server, milliseconds, and how long it was measured. */
  cpuMs: number
  wallMs: number
  /** Messages that came to all readers together meanwhile. */
  messages: number
  /** Of this process, as a share of its core. */
  loadCpu: number
  /** How late this process sent, milliseconds. */
  lateness: Histogram
  residentBytes: number
  lost: number
}

/**
 * Plays the plans to everybody, and measures between two times of them. What is late goes out at once
 * and counts from when it was due.
 */
export async function play(
  crowd: Crowd,
  layout: Layout,
  options: { pid: number; plans: readonly StreamPlan[]; fromMs: number; toMs: number },
): Promise<LoadResult> {
  const { pid, plans, fromMs, toMs } = options
  const streams = plans.map((plan, i) => new Stream(plan, layout, i + 1))
  const watches = streams.map((stream) => new Watch(stream, layout, { fromMs, toMs }))
  const lateness = new Histogram()
  const startedAt = performance.now()
  const now = () => performance.now() - startedAt
  const [cursors, edits] = (['cursor', 'edit'] as const).map((kind) =>
    watches.filter((_, i) => plans[i]?.kind === kind),
  )
  crowd.seen = {
    cursor: (reader, person, from, to) => {
      for (const watch of cursors ?? []) watch.see(reader, person, from, to, now())
    },
    edit: (reader, person, from, to) => {
      for (const watch of edits ?? []) watch.see(reader, person, from, to, now())
    },
  }
  const send = (person: number, frame: Uint8Array, dueAt: number) => {
    crowd.send(person, frame)
    lateness.record(now() - dueAt)
  }
  const sendUntil = async (endMs: number) => {
    for (let isOver = false; !isOver; ) {
      const nowMs = now()
      for (const stream of streams) stream.sendDue(Math.min(nowMs, endMs), send)
      isOver = nowMs >= endMs
      if (!isOver) await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }
  const mark = () => ({
    atMs: now(),
    serverCpuMs: cpuMs(pid),
    ownCpu: process.cpuUsage(),
    messages: crowd.messages,
    received: watches.map((watch) => watch.received),
  })

  await sendUntil(fromMs)
  const from = mark()
  await sendUntil(toMs)
  const to = mark()
  const settleUntil = now() + SETTLE_MS
  while (now() < settleUntil && !watches.every((watch) => watch.isComplete)) {
    await new Promise((resolve) => setTimeout(resolve, SETTLE_CHECK_MS))
  }
  crowd.seen = undefined
  const wallMs = to.atMs - from.atMs
  const ownMs = (to.ownCpu.user + to.ownCpu.system - from.ownCpu.user - from.ownCpu.system) / 1_000
  return {
    streams: watches.map((watch, i) => {
      const expected = watch.expected()
      return {
        kind: plans[i]?.kind ?? 'cursor',
        received: (to.received[i] ?? 0) - (from.received[i] ?? 0),
        expected,
        delivered: watch.latency.total / expected,
        latency: watch.latency,
        holes: watch.holes,
      }
    }),
    cpuMs: to.serverCpuMs - from.serverCpuMs,
    wallMs,
    messages: to.messages - from.messages,
    loadCpu: ownMs / wallMs,
    lateness,
    residentBytes: residentBytes(pid),
    lost: crowd.lost,
  }
}
