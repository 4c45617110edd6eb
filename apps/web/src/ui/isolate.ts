/** A name for the middle of a sentence: its direction, right to left or not, ends with it. */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`
}

/** Letters of scripts from right to left. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/

/**
 * The same only where it changes what is seen: for labels and short texts, which programs and people search by the name as
 * it is.
 */
export function isolateIfNeeded(name: string): string {
  const isRightToLeft = globalThis.document?.documentElement.dir === 'rtl'
  return isRightToLeft || RIGHT_TO_LEFT.test(name) ? isolate(name) : name
}
