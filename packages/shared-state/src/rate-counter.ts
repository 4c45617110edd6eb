/** Counts how often something happened in a window of time, over all instances. */
export interface RateCounter {
  /**
   * Counts one more, or `by`. A window begins with its first count.
   *
   * @param windowMs length of a window, milliseconds
   * @returns how many there were in this window, this one included, and when it ends
   */
  increment(
    key: string,
    windowMs: number,
    by?: number,
  ): Promise<{ count: number; resetsInMs: number }>
}
