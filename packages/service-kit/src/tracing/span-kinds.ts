/** What a span is to others, by the numbers of OTLP's `Span.SpanKind`. */
export const SPAN_KINDS = { SERVER: 2, CLIENT: 3, CONSUMER: 5 } as const

/** One of {@link SPAN_KINDS}. */
export type SpanKind = (typeof SPAN_KINDS)[keyof typeof SPAN_KINDS]
