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
    | 'initialData'
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
  const [excalidrawAPI, given] = useApi()
  const binding = useRef<ExcalidrawBinding | undefined>(undefined)
  useEffect(() => {
    const api = given.current
    if (!board || !api) return
    const bound = new ExcalidrawBinding(board, api, { nameOf, refusalText, scrollToContent })
    binding.current = bound
    return () => {
      binding.current = undefined
      bound.close()
    }
  }, [board, given, nameOf, refusalText, scrollToContent])
  // After the effect that makes the binding.
  const initialData = useInitialData(binding)
  return {
    excalidrawAPI,
    initialData,
    isCollaborating: board !== undefined,
    viewModeEnabled: !useCanEdit(board),
    onPointerUpdate: useCallback((update) => binding.current?.pointed(update), []),
    generateIdForFile: useCallback(async (file) => {
      if (!binding.current) throw new Error('The board is not open')
      return binding.current.addFile(file)
    }, []),
  }
}

/**
 * The callback that an Excalidraw calls, and what it gave. One that is there from the start gives it before effects
 * run: they need no other render, which would render Excalidraw again too.
 */
function useApi(): [
  give: (api: ExcalidrawImperativeAPI) => void,
  given: { current: ExcalidrawImperativeAPI | null },
] {
  const first = useRef<ExcalidrawImperativeAPI | null>(null)
  const hasEffects = useRef(false)
  const [given, setGiven] = useState<{ current: ExcalidrawImperativeAPI | null }>(first)
  useEffect(() => {
    hasEffects.current = true
  }, [])
  const give = useCallback((api: ExcalidrawImperativeAPI) => {
    if (hasEffects.current) setGiven({ current: api })
    else first.current = api
  }, [])
  return [give, given]
}

/** What an Excalidraw asks for while it loads: before effects run, and there is a binding then. */
function useInitialData(binding: { readonly current: ExcalidrawBinding | undefined }) {
  const asking = useRef<(() => void)[] | undefined>([])
  useEffect(() => {
    for (const answer of asking.current ?? []) answer()
    asking.current = undefined
    return () => {
      asking.current = []
    }
  }, [])
  return useCallback(async () => {
    const { current: waiting } = asking
    if (waiting) await new Promise<void>((resolve) => waiting.push(resolve))
    return binding.current?.initialData() ?? null
  }, [binding])
}
