import { Excalidraw } from '@excalidraw/excalidraw'
import type { ExcalidrawProps } from '@excalidraw/excalidraw/types'
import type { Board } from '@mindfuse/client'
import { createElement, type ReactElement } from 'react'
import type { BindingOptions } from './excalidraw-binding.ts'
import { type ExcalidrawBoardProps, useExcalidrawBoard } from './use-excalidraw-board.ts'

/** A board, how it is shown, and further properties for Excalidraw. */
export type ExcalidrawBoardComponentProps = { board: Board | undefined } & BindingOptions &
  Omit<ExcalidrawProps, keyof ExcalidrawBoardProps>

/**
 * Excalidraw on a board: draws together with everybody who has it open. It fills the element around it, which
 * needs a height.
 *
 * @example
 * ```tsx
 * function Whiteboard({ boardId }: { boardId: string }) {
 *   const board = useBoard(boardId)
 *   return <ExcalidrawBoard board={board} />
 * }
 * ```
 */
export function ExcalidrawBoard({
  board,
  nameOf,
  refusalText,
  scrollToContent,
  ...props
}: ExcalidrawBoardComponentProps): ReactElement {
  const connected = useExcalidrawBoard(board, { nameOf, refusalText, scrollToContent })
  return createElement(Excalidraw, { ...props, ...connected })
}
