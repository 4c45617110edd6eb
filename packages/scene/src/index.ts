export { type TouchedInScene, touchedInScene } from './document/changed-in-scene.ts'
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
export type { Binding, ElementType } from './elements/properties.ts'
export type { Point } from './elements/values.ts'
export * from './limits.ts'
