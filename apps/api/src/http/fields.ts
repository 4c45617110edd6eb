import { type TProperties, Type } from 'typebox'
import { VISIBLE } from './names.ts'

/** An object that comes in: a field that it does not name is refused, since it may be a misspelt one. */
export const closedObject = <Fields extends TProperties>(fields: Fields) =>
  Type.Object(fields, { additionalProperties: false })

/** An id, in the one form in which the API writes them. */
export const idSchema = Type.String({ format: 'uuid' })

/** A role, and every action with whether it allows it. */
export const accessSchema = <Role extends string, Action extends string>(
  roles: readonly Role[],
  actions: readonly Action[],
) =>
  Type.Object({
    role: Type.Enum([...roles]),
    can: Type.Record(Type.Enum([...actions]), Type.Boolean()),
  })

/** A name people give: some visible character, at most what the database holds. */
export const nameSchema = Type.String({ minLength: 1, maxLength: 255, pattern: VISIBLE })

/** Query of the routes that remove a person. */
export const removalQuerySchema = closedObject({
  revokeInvites: Type.Boolean({
    default: false,
    description:
      'also revoke the open invites and links by which the person could come back, under another account or as a guest too; for those who manage members',
  }),
})

/**
 * An id of another system: no control characters, nothing to trim, and not `.` or `..`, which
 * no path can have as a part.
 */
export const externalIdSchema = Type.String({
  minLength: 1,
  maxLength: 255,
  pattern: '^(?!\\.{1,2}$)[^\\s\\p{C}]([^\\p{C}]*[^\\s\\p{C}])?$',
})

/** `?q=` of a list: what an item contains, in whatever case. An empty one matches all. */
export const searchSchema = Type.String({
  maxLength: 255,
  default: '',
  description: 'only items that contain this text',
})
