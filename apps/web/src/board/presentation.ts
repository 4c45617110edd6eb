import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { type RefObject, useCallback, useEffect, useState } from 'react'
import { messages } from '../language/language.ts'
import { inOrder } from './frame-order.ts'

/** By how many frames a key goes on. */
const STEPS: Partial<Record<string, number>> = {
  ArrowRight: 1,
  ArrowDown: 1,
  PageDown: 1,
  Enter: 1,
  ' ': 1,
  ArrowLeft: -1,
  ArrowUp: -1,
  PageUp: -1,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

/** Of the view, how much a frame fills. */
const FILL = 0.94

/** Goes through the frames of a board, one at a time, on the whole screen. */
export function usePresentation(
  api: ExcalidrawImperativeAPI | null,
  screen: RefObject<HTMLElement>,
): {
  /** The number of the frame that is shown, from 0; undefined while none is presented. */
  at: number | undefined
  count: number
  start: () => void
  end: () => void
  onKey: (event: KeyboardEvent) => void
} {
  const [{ at, count }, setState] = useState<{ at?: number; count: number }>({ count: 0 })
  const show = useCallback(
    (wanted: number) => {
      if (!api) return
      const frames = framesOf(api)
      if (frames.length === 0) {
        api.setToast({ message: messages().text('board.present.none') })
        return setState({ count: 0 })
      }
      const next = Math.min(Math.max(wanted, 0), frames.length - 1)
      setState({ at: next, count: frames.length })
    },
    [api],
  )
  const end = useCallback(() => setState({ count: 0 }), [])
  const isPresenting = at !== undefined
  useEffect(() => {
    const element = screen.current
    if (!isPresenting || !element) return
    // A page in a frame may not be allowed to fill the screen: then it fills its window.
    element.requestFullscreen?.().catch(() => undefined)
    const onChange = () => {
      if (!document.fullscreenElement) end()
    }
    document.addEventListener('fullscreenchange', onChange)
    return () => {
      document.removeEventListener('fullscreenchange', onChange)
      if (document.fullscreenElement) void document.exitFullscreen()
    }
  }, [isPresenting, screen, end])
  useFittedFrame(api, screen, at)
  return {
    at,
    count,
    start: () => show(0),
    end,
    onKey(event) {
      const step = STEPS[event.key]
      if (event.key === 'Escape') end()
      if (step === undefined || at === undefined) return
      event.preventDefault()
      show(at + step)
    },
  }
}

/** Keeps a frame in the middle of the view, also when that changes its size. */
function useFittedFrame(
  api: ExcalidrawImperativeAPI | null,
  screen: RefObject<HTMLElement>,
  at: number | undefined,
): void {
  useEffect(() => {
    const element = screen.current
    if (!api || !element || at === undefined) return
    const fit = () => {
      api.refresh()
      const frame = framesOf(api)[at]
      if (frame) {
        api.scrollToContent(frame, { fitToViewport: true, viewportZoomFactor: FILL, maxZoom: 10 })
      }
    }
    const observer = new ResizeObserver(() => requestAnimationFrame(fit))
    observer.observe(element)
    return () => observer.disconnect()
  }, [api, screen, at])
}

function framesOf(api: ExcalidrawImperativeAPI) {
  const elements = api.getSceneElements()
  return inOrder(
    elements.filter(({ type }) => type === 'frame' || type === 'magicframe') as FrameElement[],
  )
}

type FrameElement = Extract<
  ReturnType<ExcalidrawImperativeAPI['getSceneElements']>[number],
  { type: 'frame' }
>
