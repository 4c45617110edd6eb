import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'

/** As much of Excalidraw as a binding takes. */
export type ExcalidrawApi = Pick<
  ExcalidrawImperativeAPI,
  | 'addFiles'
  | 'getAppState'
  | 'getFiles'
  | 'getSceneElementsIncludingDeleted'
  | 'onChange'
  | 'onScrollChange'
  | 'onUserFollow'
  | 'scrollToContent'
  | 'setToast'
  | 'updateScene'
>

/** What Excalidraw is given to show. */
export type SceneElements = NonNullable<
  Parameters<ExcalidrawImperativeAPI['updateScene']>[0]['elements']
>
