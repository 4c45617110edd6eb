import type { EndedSpan, SpanAttributes, TracerOptions } from './tracer.ts'

/** How long spans are collected before they are sent, milliseconds. */
const SEND_INTERVAL_MS = 1_000

/** Most spans in one request. */
const MAX_BATCH_SPANS = 512

/** Most spans that wait; later ones are dropped, since nobody's work depends on them. */
const MAX_WAITING_SPANS = 8_192

/** How long the collector may take, milliseconds. */
const SEND_TIMEOUT_MS = 3_000

/** OTLP's `Status.StatusCode` for what failed. */
const STATUS_ERROR = 2

/**
 * Sends spans as OTLP over HTTP in JSON (https://opentelemetry.io/docs/specs/otlp/#otlphttp): in
 * batches, one request at a time. What a collector does not take is dropped.
 */
export class OtlpExporter {
  readonly #url: string
  readonly #headers: Record<string, string>
  readonly #service: string
  readonly #onError: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  #waiting: EndedSpan[] = []
  #dropped = 0
  #sending: Promise<void> | undefined

  constructor({ endpoint, headers, service, onError }: TracerOptions) {
    this.#url = `${endpoint.replace(/\/$/, '')}/v1/traces`
    this.#headers = { ...headers, 'content-type': 'application/json' }
    this.#service = service
    this.#onError = onError
    this.#timer = setInterval(() => this.#wake(), SEND_INTERVAL_MS).unref()
  }

  add(span: EndedSpan): void {
    if (this.#waiting.length < MAX_WAITING_SPANS) this.#waiting.push(span)
    else this.#dropped++
  }

  /** Sends what waits, until the collector fails. */
  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sending
    this.#wake()
    await this.#sending
  }

  #wake(): void {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  async #sendAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, MAX_BATCH_SPANS))
      if (this.#dropped > 0) this.#onError(new Error(`${this.#dropped} spans were dropped`))
      this.#dropped = 0
    } catch (error) {
      // The next batch is tried at the next interval, not at once.
      this.#onError(error)
    }
  }

  async #send(spans: EndedSpan[]): Promise<void> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: this.#headers,
      body: JSON.stringify(encode(this.#service, spans)),
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the collector answered ${response.status}`)
  }
}

function encode(service: string, spans: EndedSpan[]) {
  return {
    resourceSpans: [
      {
        resource: { attributes: encodeAttributes({ 'service.name': service }) },
        scopeSpans: [{ scope: { name: 'mindfuse' }, spans: spans.map(encodeSpan) }],
      },
    ],
  }
}

function encodeSpan(span: EndedSpan) {
  return {
    traceId: span.context.traceId,
    spanId: span.context.spanId,
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: span.kind,
    // 64-bit integers are strings in JSON.
    startTimeUnixNano: `${span.startedAtUs}000`,
    endTimeUnixNano: `${span.endedAtUs}000`,
    attributes: encodeAttributes(span.attributes),
    ...(span.error !== undefined && { status: { code: STATUS_ERROR, message: span.error } }),
  }
}

function encodeAttributes(attributes: SpanAttributes) {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ({ key, value: encodeValue(value) }))
}

function encodeValue(value: SpanAttributes[string]) {
  if (typeof value === 'boolean') return { boolValue: value }
  if (typeof value !== 'number') return { stringValue: `${value}` }
  return Number.isInteger(value) ? { intValue: `${value}` } : { doubleValue: value }
}
