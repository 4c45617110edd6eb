// biome-ignore-all lint/correctness/noComponentHookFactories: names of keys, not of components
import type { Editor } from '../board/editor.ts'
import { finish, placeShape } from './box-tool.ts'
import { TOOLS } from './tools.ts'

/** Arrow key steps, units of the board; the larger one with Shift. */
const NUDGE = 1
const LARGE_NUDGE = 10

/** Radius of the circle drawn by keyboard with the laser, CSS pixels. */
const LASER_RADIUS_PX = 60

/** Arrow key steps of the view, CSS pixels. */
const SCROLL_PX = 60

const ZOOM_STEP = 1.25

const ARROWS: Record<string, [number, number]> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
}

/** The keyboard shortcuts that `?` lists. */
export const SHORTCUTS: readonly (readonly [string, string])[] = [
  ...TOOLS.map(({ key, label }) => [key.toUpperCase(), label] as const),
  ['E', 'React'],
  ['Enter', 'Edit the text of the selected shape, or place a shape with the current tool'],
  ['Delete', 'Delete the selection'],
  ['Arrows', 'Move the selection; with Shift, further'],
  ['Ctrl Z', 'Undo'],
  ['Ctrl Shift Z, Ctrl Y', 'Redo'],
  ['Ctrl A', 'Select all'],
  ['Ctrl D', 'Duplicate'],
  ['Ctrl V', 'Paste a picture'],
  ['[ and ]', 'Send to back, bring to front'],
  ['Space + drag', 'Pan'],
  ['Ctrl + wheel', 'Zoom'],
  ['+ and −', 'Zoom'],
  ['0', 'Zoom to fit'],
  ['Escape', 'Cancel, clear the selection'],
]

/**
 * Binds the keys of the board, wherever the focus is except in a field or a dialog.
 * @returns whether Space is down, and a function that unbinds them
 */
export function bindKeyboard(
  editor: Editor,
  options: { canvas: HTMLElement; onHelp: () => void; onReact: () => void },
): { readonly isSpaceDown: boolean; close(): void } {
  const ending = new AbortController()
  const { signal } = ending
  const { canvas } = options
  const keys = { isSpaceDown: false, close: () => ending.abort() }

  const withControl: Record<string, () => void> = {
    z: () => editor.undo(),
    y: () => editor.redo(),
    a: () => editor.selectAll(),
    d: () => editor.duplicateSelected(),
  }
  const plain: Record<string, () => void> = {
    Delete: () => editor.removeSelected(),
    Backspace: () => editor.removeSelected(),
    Enter: () => enter(editor),
    '[': () => editor.restackSelected('back'),
    ']': () => editor.restackSelected('front'),
    '+': () => editor.zoomBy(ZOOM_STEP),
    '=': () => editor.zoomBy(ZOOM_STEP),
    '-': () => editor.zoomBy(1 / ZOOM_STEP),
    '0': () => editor.zoomToFit(),
    '?': options.onHelp,
    e: options.onReact,
    Escape: () => {
      canvas.dispatchEvent(new Event('gesture-cancel'))
      editor.tool = 'select'
      editor.select([])
    },
  }
  for (const { key, name } of TOOLS) {
    plain[key] = () => {
      if (editor.canUse(name)) editor.tool = name
    }
  }

  const down = (event: KeyboardEvent) => {
    if (!isForBoard(event, canvas)) return
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
    const arrow = ARROWS[key]
    const isControl = event.ctrlKey || event.metaKey
    if (event.altKey) return
    if (key === ' ') keys.isSpaceDown = true
    else if (arrow && !isControl) moveBy(editor, arrow, event.shiftKey)
    else if (isControl && key === 'z' && event.shiftKey) editor.redo()
    else {
      const action = (isControl ? withControl : plain)[key]
      if (!action) return
      action()
    }
    event.preventDefault()
  }

  addEventListener('keydown', down, { signal })
  addEventListener(
    'keyup',
    ({ key }) => {
      if (key === ' ') keys.isSpaceDown = false
    },
    { signal },
  )
  addEventListener(
    'blur',
    () => {
      keys.isSpaceDown = false
    },
    { signal },
  )
  return keys
}

/** Fields and dialogs keep their keys; a button keeps the two that press it. */
function isForBoard({ target, key }: KeyboardEvent, canvas: HTMLElement): boolean {
  if (!(target instanceof HTMLElement) || document.querySelector('dialog[open]')) return false
  if (target.matches('input, textarea, select, [role=menuitem]')) return false
  return target === canvas || !target.matches('button, a') || (key !== ' ' && key !== 'Enter')
}

function enter(editor: Editor): void {
  const [only, second] = editor.selectedShapes
  if (only && !second) {
    editor.edit(only.id)
    return
  }
  const { tool } = editor
  if (tool === 'laser') {
    editor.lasers.circle(editor.middleOfBoard, LASER_RADIUS_PX / editor.camera.zoom)
    return
  }
  if (tool === 'select' || tool === 'hand' || tool === 'pen') return
  finish(editor, tool, placeShape(editor, tool, editor.middleOfBoard))
}

function moveBy(editor: Editor, [x, y]: [number, number], isFar: boolean): void {
  if (editor.selection.size > 0 && editor.canEdit) {
    const step = isFar ? LARGE_NUDGE : NUDGE
    editor.moveSelected(x * step, y * step)
    return
  }
  const { camera } = editor
  const step = SCROLL_PX / camera.zoom
  editor.camera = { ...camera, x: camera.x + x * step, y: camera.y + y * step }
}
