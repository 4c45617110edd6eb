import { Type } from 'typebox'
import { parseOtlpHeaders } from './otlp-headers.ts'
import type { Tracer, TracerOptions } from './tracer.ts'

/** The settings of both services for traces, named as OpenTelemetry names them. */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: Type.Optional(
    Type.String({
      pattern: '^https?://[^\\s?#]+$',
      description: 'a collector of traces, OTLP over HTTP, http://collector:4318; none by default',
    }),
  ),
  OTEL_EXPORTER_OTLP_HEADERS: Type.Optional(
    Type.String({
      pattern:
        "^\\s*[\\w!#$%&'*+.^`|~-]+\\s*=[^,\\s]+\\s*(,\\s*[\\w!#$%&'*+.^`|~-]+\\s*=[^,\\s]+\\s*)*$",
      description:
        'headers for the collector, name=value, separated by commas, values percent-encoded',
    }),
  ),
  OTEL_TRACES_SAMPLER_ARG: Type.Number({
    default: 1,
    minimum: 0,
    maximum: 1,
    description: 'the share of traces that is recorded, 0 to 1',
  }),
}

/** A tracer where a collector is named. Without one not even the code is loaded. */
export async function openTracer(
  config: {
    OTEL_EXPORTER_OTLP_ENDPOINT?: string
    OTEL_EXPORTER_OTLP_HEADERS?: string
    OTEL_TRACES_SAMPLER_ARG: number
  },
  options: Pick<TracerOptions, 'service' | 'onError'>,
): Promise<Tracer | undefined> {
  if (config.OTEL_EXPORTER_OTLP_ENDPOINT === undefined) return undefined
  const { createTracer } = await import('./tracer.ts')
  return createTracer({
    ...options,
    endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
    headers: parseOtlpHeaders(config.OTEL_EXPORTER_OTLP_HEADERS ?? ''),
    sampleRatio: config.OTEL_TRACES_SAMPLER_ARG,
  })
}
