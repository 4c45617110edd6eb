import type { Board } from '@mindfuse/client'
import { useMessages } from '../language/language.ts'
import { saveStateOf } from './save-state.ts'
import { sizeText } from './size-text.ts'
import { useBoardValue } from './use-board-value.ts'

/** Whether everything is saved; announced when it changes. */
export function SaveLabel({ board }: { board: Board }) {
  const { text } = useMessages()
  const { kind, key } = useBoardValue(board, (open) => saveStateOf(open, navigator.onLine))
  return (
    <span className="save-state" role="status" data-state={kind}>
      {text(key)}
    </span>
  )
}

/** How full the board is, once that matters. */
export function SizeLabel({ board }: { board: Board }) {
  const messages = useMessages()
  const shown = useBoardValue(board, ({ size }) => sizeText(size, messages))
  return (
    <span className="size-label" role="status">
      {shown}
    </span>
  )
}
