import { Excalidraw } from '@excalidraw/excalidraw'
import type { ExcalidrawProps } from '@excalidraw/excalidraw/types'
import type { Board } from '@mindfuse/client'
import { createElement, type ReactElement } from 'react'
import { type ExcalidrawBoardProps, useExcalidrawBoard } from './use-excalidraw-board.ts'

/** A board, and further properties for Excalidraw. */
export type ExcalidrawBoardComponentProps = { board: Board | undefined } & Omit<
  ExcalidrawProps,
  keyof ExcalidrawBoardProps | 'initialData'
>

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
export function ExcalidrawBoard({ board, ...props }: ExcalidrawBoardComponentProps): ReactElement {
  return createElement(Excalidraw, { ...props, ...useExcalidrawBoard(board) })
}
