import { Excalidraw } from '@excalidraw/excalidraw'
import { useExcalidrawBoard } from '@mindfuse/excalidraw'
import { MindfuseProvider, useBoard } from '@mindfuse/react'
import { expose, show } from './show.tsx'

function Whiteboard({ boardId }: { boardId: string }) {
  const properties = useExcalidrawBoard(useBoard(boardId))
  const excalidrawAPI: typeof properties.excalidrawAPI = (api) => {
    expose(api)
    properties.excalidrawAPI(api)
  }
  return <Excalidraw {...properties} excalidrawAPI={excalidrawAPI} />
}

const query = new URLSearchParams(location.search)
const [apiUrl = '', realtimeUrl = '', boardId = ''] = ['api', 'realtime', 'board'].map(
  (name) => query.get(name) ?? undefined,
)
show(
  <MindfuseProvider options={{ apiUrl, realtimeUrl }}>
    <Whiteboard boardId={boardId} />
  </MindfuseProvider>,
)
