import type { BinaryFileData, BinaryFiles } from '@excalidraw/excalidraw/types'
import { type Board, type ExcalidrawFiles, excalidrawFiles } from '@mindfuse/client'
import { type SceneChange, type SceneView, writeFiles } from '@mindfuse/scene'
import type { ExcalidrawApi } from './excalidraw-api.ts'

const DIGEST = /^[0-9a-f]{64}$/

/** Moves pictures between Excalidraw and the files of a board; the document says which is which. */
export class SceneFiles {
  readonly #board: Board
  readonly #api: ExcalidrawApi
  readonly #assets: ExcalidrawFiles
  readonly #named = new Set<string>()
  #view: SceneView | undefined
  /** Elements that show a file. */
  readonly #pictures = new Set<string>()
  /** Those whose file Excalidraw, or the document, may not have yet. */
  #unsettled = new Set<string>()
  /** The files that Excalidraw had at the last look: another object where they are others. */
  #files: BinaryFiles | undefined

  constructor(board: Board, api: ExcalidrawApi) {
    this.#board = board
    this.#api = api
    this.#assets = excalidrawFiles(board)
  }

  /** @returns the digest of a picture that the user adds, its id for Excalidraw */
  add(file: Blob): Promise<string> {
    return this.#assets.generateIdForFile(file)
  }

  /** Keeps the pictures of another scene. */
  show(view: SceneView): void {
    this.#view = view
    this.#pictures.clear()
    for (const { id, type } of view.elements) if (type === 'image') this.#pictures.add(id)
    this.#files = undefined
    this.update()
  }

  /** The document changed. */
  changed({ changed, removed, files }: Pick<SceneChange, 'changed' | 'removed' | 'files'>): void {
    for (const id of changed) if (this.#view?.get(id)?.type === 'image') this.#add(id)
    for (const id of removed) this.#pictures.delete(id)
    if (files.size > 0) this.#files = undefined
    this.update()
  }

  /** Loads what elements name, and keeps what the user has added. */
  update(): void {
    const files = this.#api.getFiles()
    if (files !== this.#files) this.#unsettled = new Set(this.#pictures)
    this.#files = files
    for (const id of this.#unsettled) if (this.#settle(id, files)) this.#unsettled.delete(id)
  }

  /** Removes the pictures of a file that the server does not take. */
  takeBack(digest: string): void {
    const elements = this.#api.getSceneElementsIncludingDeleted().map((element) => {
      const isOf = element.type === 'image' && element.fileId !== null
      if (!isOf || this.#digestOf(element.fileId) !== digest) return element
      const { version, versionNonce } = element
      return { ...element, isDeleted: true, version: version + 1, versionNonce: versionNonce + 1 }
    })
    this.#api.updateScene({ elements, captureUpdate: 'NEVER' })
  }

  #add(id: string): void {
    this.#pictures.add(id)
    this.#unsettled.add(id)
  }

  /** @returns whether Excalidraw has the file of a picture, and the document knows which it is */
  #settle(elementId: string, files: BinaryFiles): boolean {
    const element = this.#view?.get(elementId)
    if (element?.type !== 'image' || !element.fileId) return true
    const { fileId } = element
    const held = files[fileId]
    if (!held) this.#load(fileId)
    else if (this.#view?.file(fileId)) return true
    else if (this.#board.canEdit) this.#name(fileId, held)
    return false
  }

  #digestOf(id: string): string {
    return this.#view?.file(id)?.digest ?? id
  }

  #load(id: string): void {
    this.#assets.load([{ type: 'image', fileId: this.#digestOf(id) }], {
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
      this.#assets.adopt(held).then(
        ({ id: digest }) => write(digest),
        () => this.#named.delete(id),
      )
    }
  }
}
