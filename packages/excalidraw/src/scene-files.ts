import type { BinaryFileData, ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { type Board, type ExcalidrawFiles, excalidrawFiles } from '@mindfuse/client'
import { type SceneElement, type SceneView, writeFiles } from '@mindfuse/scene'

const DIGEST = /^[0-9a-f]{64}$/

/** Moves pictures between Excalidraw and the files of a board; the document says which is which. */
export class SceneFiles {
  readonly #board: Board
  readonly #api: ExcalidrawImperativeAPI
  readonly #files: ExcalidrawFiles
  readonly #named = new Set<string>()

  constructor(board: Board, api: ExcalidrawImperativeAPI) {
    this.#board = board
    this.#api = api
    this.#files = excalidrawFiles(board)
  }

  /** @returns the digest of a picture that the user adds, its id for Excalidraw */
  add(file: Blob): Promise<string> {
    return this.#files.generateIdForFile(file)
  }

  /** Loads what elements name, and keeps what the user has added. */
  update(view: SceneView): void {
    const files = this.#api.getFiles()
    for (const { type, fileId } of view.elements as readonly (SceneElement & {
      fileId?: string
    })[]) {
      if (type !== 'image' || !fileId) continue
      const held = files[fileId]
      if (!held) this.#load(fileId, view.file(fileId)?.digest ?? fileId)
      else if (!view.file(fileId) && this.#board.canEdit) this.#name(fileId, held)
    }
  }

  #load(id: string, digest: string): void {
    this.#files.load([{ type: 'image', fileId: digest }], {
      getFiles: () => ({}),
      addFiles: ([file]: BinaryFileData[]) => {
        if (file) this.#api.addFiles([{ ...file, id: id as BinaryFileData['id'] }])
      },
    })
  }

  /** Those of a library or a file have other ids than their digests. */
  #name(id: string, held: BinaryFileData): void {
    if (this.#named.has(id)) return
    this.#named.add(id)
    const write = (digest: string) =>
      this.#board.edit((doc) => writeFiles(doc, [[id, { digest, mimeType: held.mimeType }]]))
    if (DIGEST.test(id)) write(id)
    else {
      this.#files.adopt(held).then(
        ({ id: digest }) => write(digest),
        () => this.#named.delete(id),
      )
    }
  }
}
