/**
 * Some visible character: no space, mark, control, surrogate, or character that is ignored by
 * default, nor the Braille blank.
 */
export const VISIBLE = '[^\\s\\p{M}\\p{Cc}\\p{Cf}\\p{Cs}\\p{Default_Ignorable_Code_Point}\\u2800]'

const VISIBLE_PATTERN = new RegExp(VISIBLE, 'u')

/** Embeddings, overrides and isolates, which change the direction of the text around a name. */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g

/** A name as it is kept and shown: trimmed, and without what would reorder the text around it. */
export function cleanName(name: string): string {
  return name.replace(BIDI_CONTROLS, '').trim()
}

/** Whether people would see anything of a name. */
export function isVisible(name: string): boolean {
  return VISIBLE_PATTERN.test(name)
}
