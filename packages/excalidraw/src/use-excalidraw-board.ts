import type { ExcalidrawImperativeAPI, ExcalidrawProps } from '@excalidraw/excalidraw/types'
import type { Board } from '@mindfuse/client'
import { useCanEdit } from '@mindfuse/react'
import { useCallback, useEffect, useRef, useState } from 'react'
import { type BindingOptions, ExcalidrawBinding } from './excalidraw-binding.ts'

/** What {@link useExcalidrawBoard} gives an Excalidraw. */
export type ExcalidrawBoardProps = Required<
  Pick<
    ExcalidrawProps,
    | 'excalidrawAPI'
    | 'generateIdForFile'
    | 'isCollaborating'
    | 'onPointerUpdate'
    | 'viewModeEnabled'
  >
>

/**
 * Connects an Excalidraw of your own to a board.
 *
 * @param options have to be the same each time
 * @returns properties for it
 *
 * @example
 * ```tsx
 * function Whiteboard({ board }: { board: Board | undefined }) {
 *   return <Excalidraw {...useExcalidrawBoard(board)} theme="dark" />
 * }
 * ```
 */
export function useExcalidrawBoard(
  board: Board | undefined,
  { nameOf, refusalText, scrollToContent }: BindingOptions = {},
): ExcalidrawBoardProps {
  const [api, excalidrawAPI] = useState<ExcalidrawImperativeAPI | null>(null)
  const binding = useRef<ExcalidrawBinding | undefined>(undefined)
  useEffect(() => {
    if (!board || !api) return
    const bound = new ExcalidrawBinding(board, api, { nameOf, refusalText, scrollToContent })
    binding.current = bound
    return () => {
      binding.current = undefined
      bound.close()
    }
  }, [board, api, nameOf, refusalText, scrollToContent])
  return {
    excalidrawAPI,
    isCollaborating: board !== undefined,
    viewModeEnabled: !useCanEdit(board),
    onPointerUpdate: useCallback((update) => binding.current?.pointed(update), []),
    generateIdForFile: useCallback(async (file) => {
      if (!binding.current) throw new Error('The board is not open')
      return binding.current.addFile(file)
    }, []),
  }
}
