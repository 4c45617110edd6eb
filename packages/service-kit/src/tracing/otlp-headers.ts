import { StartupError } from '../startup-error.ts'

/**
 * Reads headers as OpenTelemetry writes them: `api-key=secret,x-tenant=a%20b`
 * (https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables).
 *
 * @throws StartupError where a value is not percent-encoded, or no value of a header; it never repeats one
 */
export function parseOtlpHeaders(text: string): Record<string, string> {
  const headers = new Headers()
  try {
    for (const pair of text.split(',').filter((pair) => pair.trim() !== '')) {
      const end = pair.indexOf('=')
      headers.set(pair.slice(0, end).trim(), decodeURIComponent(pair.slice(end + 1).trim()))
    }
  } catch {
    throw new StartupError('OTEL_EXPORTER_OTLP_HEADERS has a name or value that is no header')
  }
  return Object.fromEntries(headers)
}
