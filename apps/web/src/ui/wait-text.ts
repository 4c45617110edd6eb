const SECOND_MS = 1_000
const MINUTE_MS = 60_000

/** How long to wait: "12 minutes". */
export function waitText(ms = MINUTE_MS): string {
  const [count, unit] =
    ms > MINUTE_MS ? [Math.ceil(ms / MINUTE_MS), 'minute'] : [Math.ceil(ms / SECOND_MS), 'second']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}
