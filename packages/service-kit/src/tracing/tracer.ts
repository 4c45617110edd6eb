import { OtlpExporter } from './otlp-exporter.ts'
import type { SpanKind } from './span-kinds.ts'
import { newId, type TraceContext } from './trace-context.ts'

/** What a span says besides when it was; never a secret. */
export type SpanAttributes = Record<string, string | number | boolean | undefined>

/** Something that takes time. */
export interface Span {
  readonly context: TraceContext
  /** @param outcome.error why it failed, where it did */
  end(outcome?: { attributes?: SpanAttributes; error?: string }): void
}

/** A span that has ended, times in microseconds since 1970. */
export interface EndedSpan {
  context: TraceContext
  parentSpanId: string | undefined
  name: string
  kind: SpanKind
  startedAtUs: number
  endedAtUs: number
  attributes: SpanAttributes
  error: string | undefined
}

/** Makes spans. */
export interface Tracer {
  /** @param parent what caused it; without one it begins a trace */
  start(
    name: string,
    options: { kind: SpanKind; parent?: TraceContext | undefined; attributes?: SpanAttributes },
  ): Span
  /** Sends what has ended, as far as that is possible within seconds. */
  close(): Promise<void>
}

/** How a process traces. */
export interface TracerOptions {
  /** The service's name. */
  service: string
  /** A collector for OTLP over HTTP, `http://collector:4318`. */
  endpoint: string
  /** What else each request to it has, such as a key. */
  headers: Record<string, string>
  /** Of the traces that begin here, the share that is recorded, 0 to 1. */
  sampleRatio: number
  /** Told when spans could not be sent. */
  onError: (error: unknown) => void
}

/** A tracer that sends its spans to a collector. Spans of a trace that is not sampled cost their ids. */
export function createTracer(options: TracerOptions): Tracer {
  const exporter = new OtlpExporter(options)
  return {
    start(name, { kind, parent, attributes = {} }) {
      const context = {
        traceId: parent?.traceId ?? newId(16),
        spanId: newId(8),
        isSampled: parent?.isSampled ?? Math.random() < options.sampleRatio,
      }
      const startedAtUs = nowUs()
      return {
        context,
        end({ attributes: more = {}, error } = {}) {
          if (!context.isSampled) return
          exporter.add({
            context,
            parentSpanId: parent?.spanId,
            name,
            kind,
            startedAtUs,
            endedAtUs: nowUs(),
            attributes: { ...attributes, ...more },
            error,
          })
        },
      }
    },
    close: () => exporter.close(),
  }
}

/** Of a clock that does not go back within a process. */
function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1_000)
}
