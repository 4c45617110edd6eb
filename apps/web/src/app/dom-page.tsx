import { useLayoutEffect, useRef } from 'react'
import type { Page } from './app.ts'

/**
 * Shows a page that is made of DOM elements.
 *
 * @param open opens it; another function is another page
 */
export function DomPage({ open }: { open: () => Page }) {
  const place = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const page = open()
    place.current?.replaceChildren(page.element)
    document.title = page.title === '' ? 'Mindfuse' : `${page.title} – Mindfuse`
    return () => page.close?.()
  }, [open])
  return <div className="dom-page" ref={place} />
}
