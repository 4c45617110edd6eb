import { type RefObject, useEffect } from 'react'

/**
 * Names the button of Excalidraw's menu, which has an icon only, and no property for a name. It is another button
 * after the window was made narrow or wide.
 */
export function useMenuName(surface: RefObject<HTMLElement>, name: string): void {
  useEffect(() => {
    const element = surface.current
    if (!element) return
    const apply = () => {
      const button = element.querySelector('.main-menu-trigger')
      if (button?.ariaLabel !== name) button?.setAttribute('aria-label', name)
    }
    apply()
    const observer = new MutationObserver(apply)
    observer.observe(element, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [surface, name])
}
