import type * as Y from 'yjs'

/** The version of the schema that this package reads and writes: ADR 0080. */
export const SCENE_SCHEMA = 1

/** The shared types that a scene consists of. */
export interface SceneRoots {
  /** Element id → its properties. */
  readonly elements: Y.Map<unknown>
  /** Id of a text element → its `originalText`. */
  readonly texts: Y.Map<unknown>
  /** Excalidraw's file id → {@link SceneFile}. */
  readonly files: Y.Map<unknown>
  /** `schema` and `background`. */
  readonly meta: Y.Map<unknown>
  /** Shapes of boards from before Excalidraw: shown as elements until they are changed. */
  readonly shapes: Y.Map<unknown>
}

/** The shared types of a document's scene. */
export function sceneRoots(doc: Y.Doc): SceneRoots {
  return {
    elements: doc.getMap('elements'),
    texts: doc.getMap('texts'),
    files: doc.getMap('files'),
    meta: doc.getMap('meta'),
    shapes: doc.getMap('shapes'),
  }
}
