import { useLayoutEffect, useRef } from 'react'
import { useMessages } from '../language/language.ts'
import type { Page } from './app.ts'
import { titleOf } from './title-of.ts'

/**
 * Shows a page that is made of DOM elements.
 *
 * @param open opens it; another function is another page
 */
export function DomPage({ open }: { open: () => Page }) {
  const { language } = useMessages()
  const place = useRef<HTMLDivElement>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: its texts are those of the language
  useLayoutEffect(() => {
    const page = open()
    place.current?.replaceChildren(page.element)
    document.title = titleOf(page.title)
    return () => page.close?.()
  }, [open, language])
  return <div className="dom-page" ref={place} />
}
