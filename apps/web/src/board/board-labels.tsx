import type { Board } from '@mindfuse/client'
import { saveStateOf } from './save-state.ts'
import { sizeText } from './size-text.ts'
import { useBoardValue } from './use-board-value.ts'

/** Whether everything is saved; announced when it changes. */
export function SaveLabel({ board }: { board: Board }) {
  const { kind, text } = useBoardValue(board, (open) => saveStateOf(open, navigator.onLine))
  return (
    <span className="save-state" role="status" data-state={kind}>
      {text}
    </span>
  )
}

/** How full the board is, once that matters. */
export function SizeLabel({ board }: { board: Board }) {
  const text = useBoardValue(board, ({ size }) => sizeText(size))
  return (
    <span className="size-label" role="status">
      {text}
    </span>
  )
}
