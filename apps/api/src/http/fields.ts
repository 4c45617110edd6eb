import { Type } from 'typebox'

/** A name people give: some visible character, at most what the database holds. */
export const nameSchema = Type.String({ minLength: 1, maxLength: 255, pattern: '\\S' })

/** `?q=` of a list: what an item contains, in whatever case. An empty one matches all. */
export const searchSchema = Type.String({
  maxLength: 255,
  default: '',
  description: 'only items that contain this text',
})
