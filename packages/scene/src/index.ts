export { type TouchedInScene, touchedInScene } from './document/changed-in-scene.ts'
export { checkElement } from './document/read-element.ts'
export { readScene, type Scene } from './document/read-scene.ts'
export { SCENE_SCHEMA } from './document/roots.ts'
export type { SceneFile } from './document/scene-file.ts'
export { type SceneChange, SceneView } from './document/scene-view.ts'
export { removeElements, type WriteOptions, writeElements } from './document/write-elements.ts'
export { writeBackground, writeFiles } from './document/write-files.ts'
export type {
  BoundElement,
  ElementInput,
  ElementOf,
  SceneElement,
} from './elements/element.ts'
export { compareOrder } from './elements/order.ts'
export { type Binding, type ElementType, isStored } from './elements/properties.ts'
export type { Point } from './elements/values.ts'
export {
  EXCALIDRAW_TYPE,
  type ExcalidrawBinaryFile,
  type ExcalidrawFile,
  readExcalidraw,
  toExcalidraw,
} from './excalidraw/file.ts'
export {
  type ExcalidrawLibrary,
  type LibraryItem,
  readExcalidrawLibrary,
  toExcalidrawLibrary,
} from './excalidraw/library.ts'
export {
  type ImportedFile,
  type ImportedScene,
  SceneFormatError,
  writeScene,
} from './imported-scene.ts'
export { MAX_COORDINATE, MAX_ELEMENTS, MAX_POINTS, MAX_TEXT_LENGTH } from './limits.ts'
export { type Bounds, boundsOf, elementBounds, sceneBounds } from './measure/bounds.ts'
export { type SceneFrame, sceneFrames } from './measure/frames.ts'
export { type OutlineEntry, sceneOutline, sceneText } from './measure/outline.ts'
export { inReadingOrder } from './measure/reading-order.ts'
export { readTldraw } from './tldraw/read-tldraw.ts'
export { readYExcalidraw } from './y-excalidraw.ts'
