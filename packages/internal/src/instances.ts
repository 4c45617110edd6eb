import { type Static, Type } from 'typebox'
import { Value } from 'typebox/value'

/** How often each instance reports, milliseconds. */
export const REPORT_INTERVAL_MS = 2_000

const amount = Type.Number({ minimum: 0 })

const vitals = {
  id: Type.String({ format: 'uuid' }),
  version: Type.String({ maxLength: 64 }),
  upSeconds: amount,
  /** Why it is not ready; none where it is. */
  reasons: Type.Array(Type.String({ maxLength: 64 }), { maxItems: 8 }),
  eventLoopUtilization: Type.Number({ minimum: 0, maximum: 1 }),
  memoryBytes: amount,
}

/** What a gateway reports of itself. */
const gatewayReportSchema = Type.Object({
  kind: Type.Literal('gateway'),
  ...vitals,
  connections: amount,
  rooms: amount,
  editsPerSecond: amount,
  messagesPerSecond: amount,
  /** How long storing a batch takes, all attempts together; null where nothing was stored. */
  storeSeconds: Type.Union([amount, Type.Null()]),
  unsavedBytes: amount,
  oldestUnsavedSeconds: amount,
})

/** See {@link gatewayReportSchema}. */
export type GatewayReport = Static<typeof gatewayReportSchema>

/** What an API reports of itself. */
const apiReportSchema = Type.Object({
  kind: Type.Literal('api'),
  ...vitals,
  requestsPerSecond: amount,
  eventStreams: amount,
  documentJobs: amount,
  waitingForDatabase: amount,
  /** Age of the oldest change that is committed and not published. */
  publishingLagSeconds: amount,
})

/** See {@link apiReportSchema}. */
export type ApiReport = Static<typeof apiReportSchema>

const reportSchema = Type.Union([gatewayReportSchema, apiReportSchema])

/** What an instance reports of itself. */
export type InstanceReport = Static<typeof reportSchema>

const messageSchema = Type.Object({ scope: Type.String(), report: reportSchema })

/** What an API passes on to the others: of a scope, see `accessScope`. */
export type InstanceMessage = Static<typeof messageSchema>

/** A report, or undefined where it is none: of another release, perhaps. */
export function parseInstanceReport(value: unknown): InstanceReport | undefined {
  return Value.Check(reportSchema, value) ? value : undefined
}

/** The report in a message, or undefined where it is none or of another deployment. */
export function parseInstanceMessage(
  text: string,
  scopes: readonly string[],
): InstanceReport | undefined {
  try {
    const message: unknown = JSON.parse(text)
    if (!Value.Check(messageSchema, message)) return undefined
    return scopes.includes(message.scope) ? message.report : undefined
  } catch {
    return undefined
  }
}
