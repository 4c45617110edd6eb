import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/**
 * Reads what gateways write as JSON. Undefined for that of another release, perhaps: the next may be readable.
 * @param schema of `Value`
 */
export function createJsonReader<Value>(schema: TSchema): (text: string) => Value | undefined {
  const compiled = Compile(schema)
  return (text) => {
    try {
      const value: unknown = JSON.parse(text)
      return compiled.Check(value) ? (value as Value) : undefined
    } catch {
      return undefined
    }
  }
}
