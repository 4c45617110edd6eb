import type { Editor } from '../board/editor.ts'
import { decodePicture } from '../board/pictures.ts'
import type { Point } from '../geometry/box.ts'
import { toBoard } from '../geometry/camera.ts'
import { messageOf, toast } from '../ui/toast.ts'

/** Size of a picture that has none of its own, units of the board. */
const DEFAULT_SIZE = 300

/** Share of the view that a new picture takes at most. */
const MAX_SHARE = 0.8

/**
 * Adds pictures that are pasted, or dropped on the canvas, to the board.
 * @returns a function that unbinds it
 */
export function bindPictures(canvas: HTMLCanvasElement, editor: Editor): () => void {
  const ending = new AbortController()
  const { signal } = ending

  const addAll = (transfer: DataTransfer | null, at: Point): boolean => {
    const files = [...(transfer?.files ?? [])].filter(({ type }) => type.startsWith('image/'))
    if (!editor.canEdit) return false
    for (const file of files) {
      addPicture(editor, file, at).catch((error) => toast(messageOf(error)))
    }
    return files.length > 0
  }
  const paste = (event: ClipboardEvent) => {
    const isField = event.target instanceof Element && event.target.matches('input, textarea')
    if (isField || document.querySelector('dialog[open]')) return
    if (addAll(event.clipboardData, editor.middleOfBoard)) event.preventDefault()
  }
  const drop = (event: DragEvent) => {
    // Otherwise the browser leaves the page for the file.
    event.preventDefault()
    const { left, top } = canvas.getBoundingClientRect()
    const screen = { x: event.clientX - left, y: event.clientY - top }
    addAll(event.dataTransfer, toBoard(editor.camera, screen))
  }
  addEventListener('paste', paste, { signal })
  canvas.addEventListener('dragover', (event) => event.preventDefault(), { signal })
  canvas.addEventListener('drop', drop, { signal })
  const stop = editor.board.assets.on('refused', ({ asset, error }) => {
    // What names it was taken back with it.
    if (error.code === 'read_only' || error.code === 'discarded') return
    const names = editor.model.ordered.filter(({ digest }) => digest === asset.digest)
    editor.model.remove(names.map(({ id }) => id))
    toast(`That picture was not added. ${messageOf(error)}`)
  })
  return () => {
    ending.abort()
    stop()
  }
}

/** Adds a picture around a point, in its size unless that is too large for the view. */
async function addPicture(editor: Editor, file: File, at: Point): Promise<void> {
  const picture = await decodePicture(file).catch(() => undefined)
  if (!picture) return toast('This browser cannot show that picture.')
  const { digest } = await editor.board.assets.add(file)
  const width = picture.naturalWidth || DEFAULT_SIZE
  const height = picture.naturalHeight || DEFAULT_SIZE
  const { zoom } = editor.camera
  const room = [editor.size.width / width, editor.size.height / height]
  const scale = Math.min(1, (MAX_SHARE * Math.min(...room)) / zoom)
  const [w, h] = [width * scale, height * scale]
  editor.model.beginStep()
  const shape = { type: 'image', color: 'ink', x: at.x - w / 2, y: at.y - h / 2, w, h } as const
  editor.tool = 'select'
  editor.select(editor.model.add([{ ...shape, digest }]))
}
