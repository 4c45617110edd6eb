import type { BoardEvents, MindfuseError } from '@mindfuse/client'

const EDIT_REFUSALS = {
  read_only: 'Your last changes were not kept: you cannot edit this board',
  too_large: 'Your last change was not kept: it is too large',
  too_complex: 'Your last change was not kept: it is too complex',
  unsupported_content: 'Your last change was not kept: this board cannot hold it',
  board_full: 'Your last change was not kept: this board is full',
}

type EditRefusal = keyof typeof EDIT_REFUSALS

/** What was taken back, and why. */
export type Refusal =
  /** What the user did last on the board. */
  | { readonly kind: 'edit'; readonly code: EditRefusal }
  /** A picture that the user inserted. */
  | { readonly kind: 'picture'; readonly error: MindfuseError }

/** A refusal in English. */
export function refusalText(refusal: Refusal): string {
  if (refusal.kind === 'edit') return EDIT_REFUSALS[refusal.code]
  return `A picture was not kept: ${refusal.error.message}`
}

/** Whether an edit was refused for good. All others are tried again, or taken back by a `reset`. */
export function isFinal(
  code: BoardEvents['rejected'][0],
): code is Exclude<EditRefusal, 'read_only'> {
  return code !== 'read_only' && code in EDIT_REFUSALS
}
