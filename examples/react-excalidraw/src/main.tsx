import '@excalidraw/excalidraw/index.css'
import { ExcalidrawBoard } from '@mindfuse/excalidraw'
import { MindfuseProvider, useBoard, useBoards, useSaved, useStatus } from '@mindfuse/react'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'

const apiUrl = import.meta.env.VITE_API_URL ?? 'http://localhost:8080'
const realtimeUrl = import.meta.env.VITE_REALTIME_URL ?? 'ws://localhost:8081/ws'

function Whiteboard({ boardId }: { boardId: string }) {
  const board = useBoard(boardId)
  const status = useStatus(board)
  const isSaved = useSaved(board)
  if (status.kind === 'denied') return <p>You cannot open this board: {status.reason}</p>
  const label = status.kind === 'online' ? (isSaved ? 'Saved' : 'Saving…') : 'Offline'
  return (
    <div id="whiteboard">
      <ExcalidrawBoard board={board} renderTopRightUI={() => <output>{label}</output>} />
    </div>
  )
}

function BoardList() {
  const { boards, status } = useBoards()
  if (status.kind === 'denied') return <a href={`${apiUrl}/`}>Sign in, and come back</a>
  return boards?.map(({ id, name }) => (
    <p key={id}>
      <a href={`?board=${id}`}>{name}</a>
    </p>
  ))
}

const boardId = new URLSearchParams(location.search).get('board')
const root = document.querySelector('#root')
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MindfuseProvider options={{ apiUrl, realtimeUrl }}>
        {boardId ? <Whiteboard boardId={boardId} /> : <BoardList />}
      </MindfuseProvider>
    </StrictMode>,
  )
}
