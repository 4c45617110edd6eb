import type { Board } from '../board/board.ts'
import { dataUrlOf } from './data-url.ts'
import { isDigest } from './digest.ts'

/** As much of Excalidraw's `BinaryFileData` as there is to a file. */
interface BinaryFile {
  id: string
  dataURL: string
  mimeType: string
  /** Milliseconds since 1970. */
  created: number
}

/** As much of Excalidraw's API as loading files takes. */
interface ExcalidrawApi<File extends BinaryFile> {
  getFiles(): object
  addFiles(files: File[]): void
}

/** Connects Excalidraw's pictures to the files of a board, see {@link excalidrawFiles}. */
export interface ExcalidrawFiles {
  /** For the property `generateIdForFile`: adds a picture to the board, and names it by its digest. */
  generateIdForFile(file: Blob): Promise<string>
  /**
   * Gives Excalidraw the pictures that elements name and it does not have, each as soon as it is there. Call it
   * with the first elements and whenever they change. Names other than digests are left alone.
   */
  load<File extends BinaryFile>(
    elements: readonly { readonly type: string; readonly fileId?: string | null }[],
    api: ExcalidrawApi<File>,
  ): void
  /**
   * Adds a picture that came with a scene, a file or a library, whose id is not its digest.
   * @returns the same with its digest as id, for the elements and for `addFiles`
   */
  adopt<File extends BinaryFile>(file: File): Promise<File>
}

/**
 * Excalidraw's pictures as files of a board. Elements name them by digest, as `fileId`; nothing else of them needs
 * to be in the document.
 *
 * @example
 * ```ts
 * const files = excalidrawFiles(board)
 * // <Excalidraw generateIdForFile={files.generateIdForFile} onChange={(elements) => files.load(elements, api)} />
 * const picture = new Blob(['<svg xmlns="http://www.w3.org/2000/svg"/>'], { type: 'image/svg+xml' })
 * const fileId = await files.generateIdForFile(picture)
 * files.load([{ type: 'image', fileId }], { getFiles: () => ({}), addFiles: show })
 * ```
 */
export function excalidrawFiles(board: Board): ExcalidrawFiles {
  const loading = new Set<string>()

  const load = async <File extends BinaryFile>(id: string, api: ExcalidrawApi<File>) => {
    loading.add(id)
    try {
      const file = await board.assets.get(id)
      const dataURL = await dataUrlOf(file)
      api.addFiles([{ id, dataURL, mimeType: file.type, created: Date.now() } as File])
    } finally {
      loading.delete(id)
    }
  }

  return {
    async generateIdForFile(file) {
      const { digest } = await board.assets.add(file)
      return digest
    },
    load(elements, api) {
      const known = api.getFiles()
      for (const { type, fileId } of elements) {
        if (type !== 'image' || !fileId || !isDigest(fileId)) continue
        if (fileId in known || loading.has(fileId)) continue
        // Asked for again when the elements change next.
        load(fileId, api).catch(() => undefined)
      }
    },
    async adopt(file) {
      const { digest } = await board.assets.add(blobOf(file))
      return { ...file, id: digest }
    },
  }
}

function blobOf({ dataURL, mimeType }: BinaryFile): Blob {
  const [, base64 = ''] = dataURL.split(',')
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
  return new Blob([bytes], { type: mimeType })
}
