import type { BoardSize } from '@mindfuse/client'
import type { Messages } from '../language/messages.ts'

/** From this share of what a board may have on, people read how full it is. */
const SHOWN_FROM_SHARE = 0.8

/** From this share on little more than deleting is accepted. */
const FULL_FROM_SHARE = 0.99

/** How full a board is, in words; empty while that is nobody's concern. */
export function sizeText(size: Pick<BoardSize, 'share'> | undefined, { text }: Messages): string {
  if (!size || size.share < SHOWN_FROM_SHARE) return ''
  if (size.share >= FULL_FROM_SHARE) return text('board.full')
  return text('board.nearlyFull', { share: Math.floor(100 * size.share) / 100 })
}
