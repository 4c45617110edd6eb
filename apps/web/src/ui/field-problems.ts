import { MindfuseError } from '@mindfuse/client'
import { messageOf } from './toast.ts'

/** What is wrong with a form: of its fields by their names, and of the whole. */
export interface FieldProblems {
  fields: Record<string, string>
  form?: string
}

/** Where the problems of a failed request belong in a form with these fields. */
export function problemsOf(error: unknown, names: readonly string[]): FieldProblems {
  const fields: Record<string, string> = {}
  if (error instanceof MindfuseError) {
    for (const { pointer, message } of error.fields) {
      const name = pointer.replace(/^\//, '')
      if (names.includes(name)) fields[name] = message
    }
  }
  return Object.keys(fields).length > 0 ? { fields } : { fields, form: messageOf(error) }
}
