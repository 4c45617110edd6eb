import type { BinaryFileData } from '@excalidraw/excalidraw/types'
import { type Board, type ExcalidrawFiles, excalidrawFiles } from '@mindfuse/client'
import { type SceneElement, type SceneView, writeFiles } from '@mindfuse/scene'
import type { ExcalidrawApi } from './excalidraw-api.ts'

const DIGEST = /^[0-9a-f]{64}$/

/** Moves pictures between Excalidraw and the files of a board; the document says which is which. */
export class SceneFiles {
  readonly #board: Board
  readonly #api: ExcalidrawApi
  readonly #files: ExcalidrawFiles
  readonly #named = new Set<string>()

  constructor(board: Board, api: ExcalidrawApi) {
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
      if (!held) this.#load(fileId, digestOf(fileId, view))
      else if (!view.file(fileId) && this.#board.canEdit) this.#name(fileId, held)
    }
  }

  /** Removes the pictures of a file that the server does not take. */
  takeBack(digest: string, view: SceneView): void {
    const elements = this.#api.getSceneElementsIncludingDeleted().map((element) => {
      const isOf = element.type === 'image' && element.fileId !== null
      if (!isOf || digestOf(element.fileId, view) !== digest) return element
      const { version, versionNonce } = element
      return { ...element, isDeleted: true, version: version + 1, versionNonce: versionNonce + 1 }
    })
    this.#api.updateScene({ elements, captureUpdate: 'NEVER' })
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

const digestOf = (id: string, view: SceneView) => view.file(id)?.digest ?? id
