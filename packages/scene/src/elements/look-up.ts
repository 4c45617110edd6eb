/** What a table has under a name that anyone may have written: `constructor` and the like are in none. */
export function lookUp<Value>(
  table: Readonly<{ [name: string]: Value }>,
  name: unknown,
): Value | undefined {
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined
}
