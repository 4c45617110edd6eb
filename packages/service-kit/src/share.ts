/** A person may use up to this part of what is free. */
const FREE_PART = 1 / 3

/**
 * Whether a person has used up their share of something that a process has for everybody: a third of
 * what is free. Alone that is a quarter of all, with another who does the same a fifth for each; it
 * shrinks as more do, and something is free for the next at any time.
 */
export function isShareUsedUp(budget: { used: number; total: number; most: number }): boolean {
  const { used, total, most } = budget
  return used > 0 && used >= (most - total) * FREE_PART
}
