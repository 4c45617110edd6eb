import { useHandleLibrary } from '@excalidraw/excalidraw'
import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import { useEffect, useMemo } from 'react'
import { messages } from '../language/language.ts'
import { toast } from '../ui/toast.ts'
import { libraryStore } from './library-store.ts'

/** What Excalidraw's site adds to an address, so that an editor loads a library from there. */
const LIBRARY = 'addLibrary'

/** Keeps the library of a person in this browser. Libraries of other hosts are not loaded: those would learn who is here. */
export function KeptLibrary({ api, userId }: { api: ExcalidrawImperativeAPI; userId: string }) {
  const adapter = useMemo(() => libraryStore(userId), [userId])
  // Before Excalidraw looks at the address.
  useEffect(() => {
    refuseLibrary()
    addEventListener('hashchange', refuseLibrary)
    return () => removeEventListener('hashchange', refuseLibrary)
  }, [])
  useHandleLibrary({ excalidrawAPI: api, adapter, validateLibraryUrl: () => false })
  return null
}

function refuseLibrary(event?: Event): void {
  const url = new URL(location.href)
  const hash = new URLSearchParams(url.hash.slice(1))
  if (!hash.has(LIBRARY) && !url.searchParams.has(LIBRARY)) return
  event?.stopImmediatePropagation()
  url.searchParams.delete(LIBRARY)
  url.hash = ''
  history.replaceState(history.state, '', url)
  toast(messages().text('board.foreignLibrary'))
}
