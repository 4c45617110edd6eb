import { Excalidraw } from '@excalidraw/excalidraw'
import { expose, show } from './show.tsx'

show(<Excalidraw excalidrawAPI={expose} />)
