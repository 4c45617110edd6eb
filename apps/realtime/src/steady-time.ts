/**
 * Milliseconds since 1970 by the clock that was there when the process started, so that a clock that is set
 * reorders nothing. Gateways compare such times: their clocks may differ, and say who came first only as far as
 * they agree.
 */
export function steadyTime(): number {
  return performance.timeOrigin + performance.now()
}
