import '@excalidraw/excalidraw/index.css'
import {
  CaptureUpdateAction,
  convertToExcalidrawElements,
  Excalidraw,
} from '@excalidraw/excalidraw'
import { createElement } from 'react'
import { createRoot } from 'react-dom/client'
import { ExcalidrawBinding } from 'y-excalidraw'
import { WebsocketProvider } from 'y-websocket'
import { Doc, UndoManager, type Map as YMap } from 'yjs'
import type { OpenClient } from '../client.ts'
import { editorElement } from './page.ts'
import { connect } from './provider.ts'

type Api = ConstructorParameters<typeof ExcalidrawBinding>[2]
type NewElements = Parameters<typeof convertToExcalidrawElements>[0]

export const open: OpenClient = async (place) => {
  const doc = new Doc()
  const { awareness, connection } = connect(WebsocketProvider, doc, place)
  const elements = doc.getArray<YMap<unknown>>('elements')
  const assets = doc.getMap('assets')
  const excalidrawDom = editorElement()
  const api = await new Promise<Api>((resolve) => {
    const excalidrawAPI = (ready: unknown) => resolve(ready as Api)
    createRoot(excalidrawDom).render(createElement(Excalidraw, { excalidrawAPI }))
  })
  const undoManager = new UndoManager(elements)
  const binding = new ExcalidrawBinding(elements, assets, api, awareness, {
    excalidrawDom,
    undoManager,
  })
  const add = (added: NewElements) =>
    api.updateScene({
      elements: [
        ...api.getSceneElementsIncludingDeleted(),
        ...convertToExcalidrawElements(added),
      ] as never,
      captureUpdate: CaptureUpdateAction.IMMEDIATELY,
    } as never)
  let row = 0
  return {
    ...connection,
    write: (text) => add([{ type: 'text', x: 10, y: 30 * row++, text }]),
    read: () => JSON.stringify([api.getSceneElements(), api.getFiles()]),
    undo: () => void undoManager.undo(),
    point: () =>
      binding.onPointerUpdate({ pointer: { x: 1, y: 1, tool: 'pointer' }, button: 'up' }),
    // It draws them on a canvas.
    pointers: () =>
      [...api.getAppState().collaborators.values()].map(({ username }) => username ?? ''),
    paste(dataURL) {
      const id = 'picture'
      api.addFiles([{ id, dataURL, mimeType: 'image/png', created: Date.now() } as never])
      add([{ type: 'image', x: 10, y: 200, width: 100, height: 100, fileId: id as never }])
    },
  }
}
