import type { BinaryFileData, BinaryFiles } from '@excalidraw/excalidraw/types'
import { type Board, type ExcalidrawFiles, excalidrawFiles, MindfuseError } from '@mindfuse/client'
import { type SceneChange, type SceneView, writeFiles } from '@mindfuse/scene'
import type { ExcalidrawApi } from './excalidraw-api.ts'

/** Most files that are remembered as refused. */
const MAX_REFUSED = 1_000

/** Moves pictures between Excalidraw and the files of a board; the document says which is which. */
export class SceneFiles {
  readonly #board: Board
  readonly #api: ExcalidrawApi
  readonly #assets: ExcalidrawFiles
  readonly #notify: (error: MindfuseError) => void
  readonly #named = new Set<string>()
  /** Digests of what was added to this board, or loaded from it: all else that Excalidraw has came with elements. */
  readonly #onBoard = new Set<string>()
  /** Digests of what the server did not take, and whether a picture of it was taken back. */
  readonly #refused = new Map<string, boolean>()
  #view: SceneView | undefined
  /** Elements that show a file. */
  readonly #pictures = new Set<string>()
  /** Those whose file Excalidraw, or the document, may not have yet. */
  #unsettled = new Set<string>()
  /** The files that Excalidraw had at the last look: another object where they are others. */
  #files: BinaryFiles | undefined

  /** @param notify says why a picture was taken back */
  constructor(board: Board, api: ExcalidrawApi, notify: (error: MindfuseError) => void) {
    this.#board = board
    this.#api = api
    this.#notify = notify
    this.#assets = excalidrawFiles(board)
  }

  /** @returns the digest of a picture that the user adds, its id for Excalidraw */
  async add(file: Blob): Promise<string> {
    const digest = await this.#assets.generateIdForFile(file)
    this.#onBoard.add(digest)
    this.#refused.delete(digest)
    return digest
  }

  /** Keeps the pictures of another scene. */
  show(view: SceneView): void {
    this.#view = view
    this.#pictures.clear()
    this.#named.clear()
    for (const { id, type } of view.elements) if (type === 'image') this.#pictures.add(id)
    for (const [digest, isTakenBack] of this.#refused) if (!isTakenBack) this.#refuse(digest)
    this.#files = undefined
    this.update()
  }

  /** The document changed. */
  changed({ changed, removed, files, transaction }: SceneChange): void {
    for (const id of changed) {
      const element = this.#view?.get(id)
      if (element?.type !== 'image') continue
      this.#pictures.add(id)
      this.#unsettled.add(id)
      if (transaction.local && element.fileId) this.#placed(element.fileId)
    }
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

  /** The server does not take a file: its pictures go, or the first one, if Excalidraw places it later. */
  refused(digest: string, error: MindfuseError): void {
    this.#refuse(digest)
    this.#notify(error)
  }

  #refuse(digest: string): void {
    const isTakenBack = this.#takeBack((fileId) => this.#digestOf(fileId) === digest)
    this.#refused.delete(digest)
    this.#refused.set(digest, isTakenBack)
    const [oldest] = this.#refused.keys()
    if (this.#refused.size > MAX_REFUSED && oldest) this.#refused.delete(oldest)
  }

  /** Removes the pictures of a file. @returns whether there were any */
  #takeBack(isOf: (fileId: string) => boolean): boolean {
    const all = this.#api.getSceneElementsIncludingDeleted()
    const elements = all.map((element) => {
      const { type, isDeleted, version, versionNonce } = element
      if (type !== 'image' || isDeleted || element.fileId === null) return element
      if (!isOf(element.fileId)) return element
      return { ...element, isDeleted: true, version: version + 1, versionNonce: versionNonce + 1 }
    })
    const hasChanged = elements.some((element, i) => element !== all[i])
    if (hasChanged) this.#api.updateScene({ elements, captureUpdate: 'NEVER' })
    return hasChanged
  }

  /** The user added a picture to the scene, for the first time or again: by a redo, or from a library. */
  #placed(fileId: string): void {
    const digest = this.#digestOf(fileId)
    const isTakenBack = this.#refused.get(digest)
    if (isTakenBack === undefined) return
    if (!isTakenBack) {
      this.#refuse(digest)
      return
    }
    // There may be room for it now.
    this.#refused.delete(digest)
    const held = this.#api.getFiles()[fileId]
    if (held) this.#send(fileId, held)
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
        this.#onBoard.add(id)
        if (file) this.#api.addFiles([{ ...file, id: id as BinaryFileData['id'] }])
      },
    })
  }

  #name(id: string, held: BinaryFileData): void {
    if (this.#named.has(id)) return
    this.#named.add(id)
    if (this.#onBoard.has(id)) this.#write(id, held, id)
    else this.#send(id, held)
  }

  /** Adds what came with elements, from a library, a file or another board: often under another id than its digest. */
  #send(id: string, held: BinaryFileData): void {
    this.#assets
      .adopt(held)
      .then(({ id: digest }) => this.#write(id, held, digest))
      .catch((error: unknown) => this.#notSent(id, error))
  }

  #notSent(id: string, error: unknown): void {
    if (!(error instanceof MindfuseError)) return
    if (error.code === 'file_too_large') {
      this.#takeBack((fileId) => fileId === id)
      this.#notify(error)
    } else this.#named.delete(id)
  }

  #write(id: string, { mimeType }: BinaryFileData, digest: string): void {
    this.#board.edit((doc) => writeFiles(doc, [[id, { digest, mimeType }]]))
  }
}
