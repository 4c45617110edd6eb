import { COLORS } from '../model/palette.ts'
import { TOOLS } from '../tools/tools.ts'
import { iconButton } from '../ui/button.ts'
import { h, setAttributes } from '../ui/dom.ts'
import { icon } from '../ui/icons.ts'
import type { Editor } from './editor.ts'

/** The tools, and actions on the selection. */
export function createToolbar(editor: Editor): { element: HTMLElement; update(): void } {
  const tools = TOOLS.map((tool) => ({
    tool,
    element: h(
      'button',
      {
        type: 'button',
        class: 'icon-button tool',
        title: `${tool.label} (${tool.key.toUpperCase()})`,
        'aria-label': tool.label,
        'aria-keyshortcuts': tool.key,
        on: {
          click: () => {
            editor.tool = tool.name
          },
        },
      },
      icon(tool.icon),
    ),
  }))
  const swatches = COLORS.map((color) => ({
    color,
    element: h('button', {
      type: 'button',
      class: `swatch swatch-${color}`,
      title: color,
      'aria-label': `Colour ${color}`,
      on: {
        click: () => {
          editor.color = color
        },
      },
    }),
  }))
  const actions = h(
    'div',
    { class: 'group', role: 'group', 'aria-label': 'Selection' },
    iconButton('duplicate', 'Duplicate (Ctrl D)', () => editor.duplicateSelected()),
    iconButton('front', 'Bring to front (])', () => editor.restackSelected('front')),
    iconButton('back', 'Send to back ([)', () => editor.restackSelected('back')),
    iconButton('trash', 'Delete', () => editor.removeSelected()),
  )
  const options = h(
    'div',
    { class: 'panel options' },
    h(
      'div',
      { class: 'group swatches', role: 'group', 'aria-label': 'Colour' },
      ...swatches.map(({ element }) => element),
    ),
    actions,
  )
  const toolPanel = h(
    'div',
    { class: 'panel tools', role: 'toolbar', 'aria-label': 'Tools' },
    ...tools.map(({ element }) => element),
  )
  return {
    element: h('div', { class: 'toolbar' }, options, toolPanel),
    update() {
      const { canEdit, selection, selectedShapes } = editor
      const colors = new Set(selectedShapes.map(({ color }) => color))
      for (const { tool, element } of tools) {
        setAttributes(element, { 'aria-pressed': `${editor.tool === tool.name}` })
        element.hidden = tool.isDrawing && !canEdit
        element.disabled = !editor.canUse(tool.name)
      }
      for (const { color, element } of swatches) {
        const isChosen = selection.size > 0 ? colors.has(color) : editor.color === color
        setAttributes(element, { 'aria-pressed': `${isChosen}` })
      }
      const isDrawing = TOOLS.some(({ name, isDrawing }) => name === editor.tool && isDrawing)
      options.hidden = !canEdit || (selection.size === 0 && !isDrawing)
      actions.hidden = selection.size === 0
    },
  }
}

/** Undo, redo and zoom. */
export function createViewControls(
  editor: Editor,
  onHelp: () => void,
): { element: HTMLElement; update(): void } {
  const undo = iconButton('undo', 'Undo (Ctrl Z)', () => editor.undo())
  const redo = iconButton('redo', 'Redo (Ctrl Shift Z)', () => editor.redo())
  const zoom = h('button', {
    type: 'button',
    class: 'zoom-value',
    title: 'Zoom to fit (0)',
    on: { click: () => editor.zoomToFit() },
  })
  const history = h('div', { class: 'panel history' }, undo, redo)
  const view = h(
    'div',
    { class: 'panel zoom' },
    iconButton('minus', 'Zoom out (-)', () => editor.zoomBy(0.8)),
    zoom,
    iconButton('plus', 'Zoom in (+)', () => editor.zoomBy(1.25)),
    iconButton('help', 'Keyboard shortcuts (?)', onHelp),
  )
  return {
    element: h('div', { class: 'view-controls' }, history, view),
    update() {
      const { undoManager } = editor.board
      history.hidden = !editor.canEdit
      undo.disabled = !undoManager.canUndo()
      redo.disabled = !undoManager.canRedo()
      const percent = `${Math.round(editor.camera.zoom * 100)}%`
      if (zoom.textContent !== percent) zoom.textContent = percent
      setAttributes(zoom, { 'aria-label': `Zoom ${percent}: zoom to fit` })
    },
  }
}
