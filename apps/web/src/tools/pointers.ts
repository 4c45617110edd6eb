import type { Editor } from '../board/editor.ts'
import type { Point } from '../geometry/box.ts'
import { pan, toBoard, zoomAt } from '../geometry/camera.ts'
import type { Gesture, PointerInput } from './gesture.ts'
import { handTool } from './hand-tool.ts'
import { handleAt, selectTool, shapeUnder } from './select-tool.ts'
import { toolEntry } from './tools.ts'

/** Zoom per wheel step. */
const ZOOM_PER_WHEEL_PX = 0.0025
const MAX_WHEEL_STEP_PX = 60

/** Pixels per line, where a wheel reports lines. */
const LINE_PX = 16

const MIDDLE_BUTTON = 1

type State =
  | { kind: 'idle' }
  | { kind: 'gesture'; pointerId: number; gesture: Gesture }
  /** Two fingers pan and zoom the view. */
  | { kind: 'pinch'; distance: number; middle: Point }
  /** A pinch has ended, but fingers are still down. */
  | { kind: 'spent' }

/**
 * Turns pointer and wheel events on the canvas into gestures of tools.
 * @returns a function that unbinds them
 */
export function bindPointers(
  canvas: HTMLCanvasElement,
  editor: Editor,
  keys: { readonly isSpaceDown: boolean },
): () => void {
  const pressed = new Map<number, Point>()
  let state: State = { kind: 'idle' }
  const ending = new AbortController()
  const { signal } = ending

  const inputOf = (event: MouseEvent & Partial<PointerEvent>): PointerInput => {
    const { left, top } = canvas.getBoundingClientRect()
    const screen = { x: event.clientX - left, y: event.clientY - top }
    return {
      screen,
      board: toBoard(editor.camera, screen),
      isShift: event.shiftKey,
      isTouch: event.pointerType === 'touch',
      pressure: event.pointerType === 'pen' ? event.pressure : undefined,
      time: event.timeStamp,
    }
  }

  const pinchOf = () => {
    const [a = { x: 0, y: 0 }, b = a] = [...pressed.values()]
    return {
      distance: Math.max(Math.hypot(a.x - b.x, a.y - b.y), 1),
      middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
    }
  }

  const cancelGesture = () => {
    if (state.kind === 'gesture') state.gesture.cancel()
    state = { kind: 'idle' }
  }

  const down = (event: PointerEvent) => {
    const input = inputOf(event)
    canvas.focus({ preventScroll: true })
    if (editor.editedId !== undefined) editor.endEdit()
    pressed.set(event.pointerId, input.screen)
    if (pressed.size === 2) {
      cancelGesture()
      state = { kind: 'pinch', ...pinchOf() }
      return
    }
    if (state.kind !== 'idle' || event.button > MIDDLE_BUTTON) return
    canvas.setPointerCapture(event.pointerId)
    const isPanning = keys.isSpaceDown || event.button === MIDDLE_BUTTON
    const begin = isPanning ? handTool : toolEntry(editor.tool).begin
    if (isPanning || editor.tool === 'hand') canvas.style.cursor = 'grabbing'
    state = { kind: 'gesture', pointerId: event.pointerId, gesture: begin(editor, input) }
  }

  const move = (event: PointerEvent) => {
    const input = inputOf(event)
    if (pressed.has(event.pointerId)) pressed.set(event.pointerId, input.screen)
    editor.board.presence.update({ cursor: input.board })
    if (state.kind === 'pinch') {
      const next = pinchOf()
      const { middle, distance } = state
      const moved = pan(editor.camera, next.middle.x - middle.x, next.middle.y - middle.y)
      editor.camera = zoomAt(moved, next.middle, next.distance / distance)
      state = { kind: 'pinch', ...next }
    } else if (state.kind === 'gesture' && state.pointerId === event.pointerId) {
      // A pen reports more often than frames are drawn, and ink needs every point.
      const events = event.getCoalescedEvents?.() ?? []
      for (const single of events.length > 0 ? events : [event]) state.gesture.move(inputOf(single))
    } else if (!event.buttons) {
      canvas.style.cursor = cursorFor(editor, input, keys.isSpaceDown)
    }
  }

  const up = (event: PointerEvent) => {
    pressed.delete(event.pointerId)
    if (state.kind === 'gesture' && state.pointerId === event.pointerId) {
      const { gesture } = state
      state = { kind: 'idle' }
      gesture.end(inputOf(event))
    } else if (state.kind === 'pinch') state = { kind: 'spent' }
    if (pressed.size === 0) state = { kind: 'idle' }
    canvas.style.cursor = cursorFor(editor, inputOf(event), keys.isSpaceDown)
  }

  const lost = (event: PointerEvent) => {
    pressed.delete(event.pointerId)
    cancelGesture()
  }

  const wheel = (event: WheelEvent) => {
    event.preventDefault()
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINE_PX : 1
    // A trackpad pinch arrives as a wheel event with Control.
    if (event.ctrlKey || event.metaKey) {
      const delta = Math.max(-MAX_WHEEL_STEP_PX, Math.min(MAX_WHEEL_STEP_PX, event.deltaY * unit))
      const factor = Math.exp(-delta * ZOOM_PER_WHEEL_PX * (Math.abs(delta) < 20 ? 4 : 2))
      editor.camera = zoomAt(editor.camera, inputOf(event).screen, factor)
      return
    }
    const [dx, dy] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY]
    editor.camera = pan(editor.camera, -dx * unit, -dy * unit)
  }

  const doubleClick = (event: MouseEvent) => {
    if (editor.tool !== 'select') return
    const shape = shapeUnder(editor, inputOf(event))
    if (shape) editor.edit(shape.id)
  }

  canvas.addEventListener('pointerdown', down, { signal })
  canvas.addEventListener('pointermove', move, { signal })
  canvas.addEventListener('pointerup', up, { signal })
  canvas.addEventListener('pointercancel', lost, { signal })
  canvas.addEventListener('dblclick', doubleClick, { signal })
  canvas.addEventListener('wheel', wheel, { signal, passive: false })
  canvas.addEventListener('contextmenu', (event) => event.preventDefault(), { signal })
  canvas.addEventListener('pointerleave', () => editor.board.presence.update({ cursor: null }), {
    signal,
  })
  canvas.addEventListener('gesture-cancel', cancelGesture, { signal })
  return () => {
    cancelGesture()
    ending.abort()
  }
}

const HANDLE_CURSORS = {
  nw: 'nwse-resize',
  se: 'nwse-resize',
  ne: 'nesw-resize',
  sw: 'nesw-resize',
  n: 'ns-resize',
  s: 'ns-resize',
  e: 'ew-resize',
  w: 'ew-resize',
}

function cursorFor(editor: Editor, input: PointerInput, isSpaceDown: boolean): string {
  if (isSpaceDown || editor.tool === 'hand') return 'grab'
  if (toolEntry(editor.tool).begin !== selectTool) return 'crosshair'
  const handle = handleAt(editor, input)
  if (handle) return HANDLE_CURSORS[handle]
  return shapeUnder(editor, input) ? 'move' : 'default'
}
