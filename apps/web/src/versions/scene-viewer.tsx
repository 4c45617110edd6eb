import '@excalidraw/excalidraw/index.css'
import { Excalidraw } from '@excalidraw/excalidraw'
import type { ExcalidrawElement } from '@excalidraw/excalidraw/element/types'
import type {
  AppState,
  BinaryFileData,
  ExcalidrawImperativeAPI,
  ExcalidrawProps,
} from '@excalidraw/excalidraw/types'
import { type Board, excalidrawFiles } from '@mindfuse/client'
import { drawable } from '@mindfuse/excalidraw'
import type { Scene, SceneElement } from '@mindfuse/scene'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useTheme } from '../app/use-theme.ts'
import { editorLanguage } from '../language/editor-language.ts'
import { useMessages } from '../language/language.ts'
import type { SceneDifference } from './compare-scenes.ts'
import { marksOf } from './marks.ts'

/** What part of the board is seen. */
export type Viewport = Pick<AppState, 'scrollX' | 'scrollY' | 'zoom'>

const UI_OPTIONS: NonNullable<ExcalidrawProps['UIOptions']> = {
  canvasActions: {
    changeViewBackgroundColor: false,
    clearCanvas: false,
    export: false,
    loadScene: false,
    saveAsImage: false,
    saveToActiveFile: false,
    toggleTheme: false,
  },
}

/** Shows a scene that cannot be changed. Two of them can share what part of it is seen. */
export function SceneViewer({
  label,
  board,
  scene,
  difference,
  fitTo,
  viewport,
  onViewport,
}: {
  label: string
  /** Whose pictures the scene shows. */
  board: Board
  scene: Scene
  /** What is marked in it. */
  difference: SceneDifference | undefined
  /** What is to be seen at first. */
  fitTo: readonly SceneElement[]
  /** Undefined until the user or the first of the viewers has chosen one. */
  viewport: Viewport | undefined
  onViewport: (viewport: Viewport) => void
}) {
  const { theme } = useTheme()
  const { language } = useMessages()
  const [api, setApi] = useState<ExcalidrawImperativeAPI | null>(null)
  const elements = useMemo(() => {
    const marks = difference ? marksOf(scene.elements, difference) : []
    return [...(scene.elements.map(drawable) as unknown as ExcalidrawElement[]), ...marks]
  }, [scene, difference])
  const isReady = useShownScene(api, board, { scene, elements, fitTo })
  useViewport(isReady ? api : null, viewport)
  return (
    <section className="scene-viewer" aria-label={label}>
      <Excalidraw
        excalidrawAPI={setApi}
        viewModeEnabled
        zenModeEnabled
        theme={theme}
        langCode={editorLanguage(language)}
        aiEnabled={false}
        validateEmbeddable={false}
        UIOptions={UI_OPTIONS}
        onScrollChange={(scrollX, scrollY, zoom) => {
          if (isReady) onViewport({ scrollX, scrollY, zoom })
        }}
      />
    </section>
  )
}

/** Gives an Excalidraw the elements of a scene, with their pictures. @returns whether it has them */
function useShownScene(
  api: ExcalidrawImperativeAPI | null,
  board: Board,
  shown: {
    scene: Scene
    elements: readonly ExcalidrawElement[]
    fitTo: readonly SceneElement[]
  },
): boolean {
  const [isReady, setReady] = useState(false)
  const files = useMemo(() => excalidrawFiles(board), [board])
  const { scene, elements } = shown
  const fitTo = useRef<readonly SceneElement[] | undefined>(shown.fitTo)
  useEffect(() => {
    if (!api) return
    const show = () => {
      // While it loads, Excalidraw would replace what it is given.
      if (api.getAppState().isLoading) return
      stop()
      api.updateScene({
        elements,
        appState: { viewBackgroundColor: scene.background ?? '#ffffff' },
        captureUpdate: 'NEVER',
      })
      if (fitTo.current) {
        const all = fitTo.current as unknown as ExcalidrawElement[]
        api.scrollToContent(all, { fitToContent: true })
      }
      fitTo.current = undefined
      for (const [id, { digest }] of scene.files) {
        files.load([{ type: 'image', fileId: digest }], {
          getFiles: () => ({}),
          addFiles: ([file]: BinaryFileData[]) => {
            if (file) api.addFiles([{ ...file, id: id as BinaryFileData['id'] }])
          },
        })
      }
      setReady(true)
    }
    const stop = api.onChange(show)
    show()
    return stop
  }, [api, files, scene, elements])
  return isReady
}

/** Moves an Excalidraw to where another one is. */
function useViewport(api: ExcalidrawImperativeAPI | null, viewport: Viewport | undefined): void {
  useEffect(() => {
    if (!api || !viewport) return
    const { scrollX, scrollY, zoom } = api.getAppState()
    const isThere =
      scrollX === viewport.scrollX &&
      scrollY === viewport.scrollY &&
      zoom.value === viewport.zoom.value
    if (!isThere) api.updateScene({ appState: viewport, captureUpdate: 'NEVER' })
  }, [api, viewport])
}
