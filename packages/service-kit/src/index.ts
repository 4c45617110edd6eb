export { clientAddress, networkOf, plainAddress } from './addresses.ts'
export { CLOCK_TOLERANCE_SECONDS, ClockSkew } from './clock-skew.ts'
export { loadConfig } from './config.ts'
export { isKeyValue, keyHint, looksLikeKey, newKeyValue } from './key-value.ts'
export { createLogger, LOG_LEVELS, type Logger, type LogLevel } from './logger.ts'
export { NODE_FLAGS } from './node-flags.ts'
export { createOriginCheck, ORIGINS_PATTERN, type OriginCheck, parseOrigins } from './origins.ts'
export { OutageLog } from './outage-log.ts'
export { listenError, listenHost, requireFreeOnLoopback, resolvePort } from './ports.ts'
export { collectProcessMetrics } from './process-metrics.ts'
export { type RedisServer, redisServerOf, redisSettings } from './redis-settings.ts'
export { DEVELOPMENT, RELEASE_HEADER, type Release, releaseOf, releaseSettings } from './release.ts'
export { REQUEST_ID_HEADER, readRequestId } from './request-id.ts'
export { type RunningService, runLoggedService, runService } from './run-service.ts'
export {
  hashSessionToken,
  readSessionCookies,
  type SentSessionCookie,
  type SessionCookieKind,
  sessionCookieName,
} from './session-cookie.ts'
export { isShareUsedUp } from './share.ts'
export { type OnStop, startInSteps } from './start-in-steps.ts'
export { StartupError } from './startup-error.ts'
export { openTracer, tracingSettings } from './tracing/settings.ts'
export { SPAN_KINDS, type SpanKind } from './tracing/span-kinds.ts'
export { formatTraceparent, parseTraceparent, type TraceContext } from './tracing/trace-context.ts'
export type { Span, SpanAttributes, Tracer } from './tracing/tracer.ts'
export { VitalSigns, type Vitals } from './vital-signs.ts'
