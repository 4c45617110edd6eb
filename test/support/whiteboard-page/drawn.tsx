import { Excalidraw } from '@excalidraw/excalidraw'
import type { ExcalidrawInitialDataState } from '@excalidraw/excalidraw/types'
import { drawing } from './drawing.ts'
import { show } from './show.tsx'

const elements = drawing as unknown as NonNullable<ExcalidrawInitialDataState['elements']>
show(<Excalidraw initialData={{ elements, scrollToContent: true }} />)
