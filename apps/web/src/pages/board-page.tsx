import { useCallback } from 'react'
import type { App } from '../app/app.ts'
import { DomPage } from '../app/dom-page.tsx'
import { boardPage } from './board-page.ts'

/** A board. */
export default function BoardPage({ app, boardId }: { app: App; boardId: string }) {
  const open = useCallback(() => boardPage(app, boardId), [app, boardId])
  return <DomPage open={open} />
}
