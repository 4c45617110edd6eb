import { toScreen } from '../geometry/camera.ts'
import { moveCaret, textChange } from '../model/text-change.ts'
import { h } from '../ui/dom.ts'
import { FONT_FAMILY, LINE_HEIGHT, layoutOf, TEXT_PADDING, textSize } from '../view/text-layout.ts'
import { currentTheme } from '../view/theme.ts'
import type { Editor } from './editor.ts'

/** The text field over a shape. Others may edit the same text at the same time. */
export class TextEditor {
  readonly element: HTMLTextAreaElement
  readonly #editor: Editor
  readonly #focusBoard: () => void
  #openId: string | undefined

  constructor(editor: Editor, focusBoard: () => void) {
    this.#editor = editor
    this.#focusBoard = focusBoard
    this.element = h('textarea', {
      class: 'text-editor',
      'aria-label': 'Text',
      spellcheck: false,
      rows: 1,
      hidden: true,
      on: {
        input: () => this.#write(),
        blur: () => this.#end(),
        keydown: (event) => {
          if (event.key !== 'Escape') return
          event.stopPropagation()
          this.#end()
          this.#focusBoard()
        },
      },
    })
    this.element.style.fontFamily = FONT_FAMILY
    editor.model.changes.on(() => this.#read())
    // Immediately, not in the next frame: the next key press already belongs to the text.
    editor.changes.on(() => {
      if (editor.editedId !== this.#openId) this.#open(editor.editedId)
    })
  }

  /** Positions the field over its shape. Called after each frame. */
  place(): void {
    const { editedId } = this.#editor
    const shape = editedId === undefined ? undefined : this.#editor.model.get(editedId)
    if (!shape) return
    const { camera } = this.#editor
    const { zoom } = camera
    const { lines, fontSize } = layoutOf(shape)
    const isFree = shape.type === 'text'
    const lineHeight = fontSize * LINE_HEIGHT
    const height = Math.max(lines.length, 1) * lineHeight
    const inset = shape.type === 'ellipse' ? (shape.w * (1 - Math.SQRT1_2)) / 2 : 0
    const width = isFree ? shape.w + fontSize : shape.w - 2 * (TEXT_PADDING + inset)
    const { x, y } = toScreen(camera, {
      x: isFree ? shape.x : shape.x + TEXT_PADDING + inset,
      y: isFree ? shape.y : shape.y + (shape.h - height) / 2,
    })
    const tint = currentTheme().tints[shape.color]
    const { style } = this.element
    style.transform = `translate(${x}px, ${y}px)`
    style.width = `${width * zoom}px`
    style.height = `${height * zoom}px`
    style.fontSize = `${fontSize * zoom}px`
    style.lineHeight = `${LINE_HEIGHT}`
    style.textAlign = isFree ? 'left' : 'center'
    style.whiteSpace = isFree ? 'pre' : 'pre-wrap'
    style.color = shape.type === 'sticky' ? tint.onPaper : tint.line
  }

  #open(id: string | undefined): void {
    this.#openId = id
    const shape = id === undefined ? undefined : this.#editor.model.get(id)
    this.element.hidden = !shape
    if (!shape) return
    this.element.value = shape.text
    this.element.focus({ preventScroll: true })
    this.element.select()
  }

  #write(): void {
    const shape = this.#openId === undefined ? undefined : this.#editor.model.get(this.#openId)
    if (!shape) return
    const { value } = this.element
    const size = shape.type === 'text' ? textSize(value, shape.fontSize) : {}
    this.#editor.model.setText(shape.id, value, size)
  }

  /** Applies a remote edit; the caret stays with its character. */
  #read(): void {
    const shape = this.#openId === undefined ? undefined : this.#editor.model.get(this.#openId)
    const change = shape && textChange(this.element.value, shape.text)
    if (!shape || !change) return
    const { selectionStart, selectionEnd } = this.element
    this.element.value = shape.text
    this.element.setSelectionRange(
      moveCaret(selectionStart, change),
      moveCaret(selectionEnd, change),
    )
  }

  #end(): void {
    if (this.#openId !== undefined && this.#editor.editedId === this.#openId) this.#editor.endEdit()
  }
}
