import {
  getDataURL,
  loadSceneOrLibraryFromBlob,
  MIME_TYPES,
  restoreElements,
} from '@excalidraw/excalidraw'
import type { BinaryFileData, ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { readTldraw } from '@mindfuse/scene'

/** What a person can open: scenes, also within pictures, and libraries. */
export const OPENED_TYPES = '.excalidraw,.excalidrawlib,.tldr,.json,.png,.svg'

type Elements = ReturnType<typeof restoreElements>

/**
 * Adds what is in a file to the board, or to the library.
 *
 * @throws an error whose message is for people, where it cannot be read
 */
export async function openFile(api: ExcalidrawImperativeAPI, file: File): Promise<void> {
  if (file.name.endsWith('.tldr')) return addScene(api, await readTldrawFile(file))
  const { type, data } = await loadSceneOrLibraryFromBlob(file, null, null)
  if (type === MIME_TYPES.excalidrawlib) {
    await api.updateLibrary({ libraryItems: file, merge: true, openLibraryMenu: true })
    return
  }
  addScene(api, { elements: data.elements, files: Object.values(data.files ?? {}) })
}

async function readTldrawFile(
  file: File,
): Promise<{ elements: Elements; files: BinaryFileData[] }> {
  const { elements, files } = readTldraw(JSON.parse(await file.text()))
  const pictures = [...files].map(async ([id, picture]) => {
    if (!('bytes' in picture)) return []
    const { mimeType, bytes } = picture
    const dataURL = await getDataURL(new Blob([bytes.slice()], { type: mimeType }))
    return [{ id, mimeType, dataURL, created: Date.now() } as BinaryFileData]
  })
  return {
    elements: restoreElements(elements as unknown as Elements, null, { repairBindings: true }),
    files: (await Promise.all(pictures)).flat(),
  }
}

function addScene(
  api: ExcalidrawImperativeAPI,
  { elements, files }: { elements: Elements; files: BinaryFileData[] },
): void {
  const added = new Set(elements.map(({ id }) => id))
  const others = api.getSceneElementsIncludingDeleted().filter(({ id }) => !added.has(id))
  api.addFiles(files)
  api.updateScene({ elements: [...others, ...elements], captureUpdate: 'IMMEDIATELY' })
  api.scrollToContent(elements, { fitToContent: true })
}
