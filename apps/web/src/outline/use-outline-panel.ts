import { type RefObject, useCallback, useRef, useState } from 'react'
import { useShortcut } from '../app/use-shortcut.ts'

/** Whether the outline of a board is open, by Shift and O too. Closing it leads back to where the focus was. */
export function useOutlinePanel(surface: RefObject<HTMLElement>): {
  isOpen: boolean
  /** What has the focus in it. */
  tree: RefObject<HTMLDivElement>
  open: () => void
  close: () => void
} {
  const [isOpen, setOpen] = useState(false)
  const tree = useRef<HTMLDivElement>(null)
  const opener = useRef<Element | null>(null)
  const open = useCallback(() => {
    if (!tree.current?.contains(document.activeElement)) opener.current = document.activeElement
    tree.current?.focus()
    setOpen(true)
  }, [])
  useShortcut('Shift+KeyO', open)
  return {
    isOpen,
    tree,
    open,
    close() {
      setOpen(false)
      const { current } = opener
      // The entry of a menu is gone by now.
      const isThere = current?.isConnected && current !== document.body
      const next = isThere ? current : surface.current?.querySelector('.excalidraw')
      if (next instanceof HTMLElement) next.focus()
    },
  }
}
