/** A name for the middle of a sentence: its direction, right to left or not, ends with it. */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`
}
