import type { Refusal } from '@mindfuse/excalidraw'
import { messages } from '../language/language.ts'
import { messageOf } from '../ui/toast.ts'

/** What a user reads when an edit or a picture is taken back. */
export function refusalText(refusal: Refusal): string {
  const { text } = messages()
  if (refusal.kind === 'edit') return text(`board.notKept.${refusal.code}`)
  return text('board.notKept.picture', { reason: messageOf(refusal.error) })
}
