import { type RefObject, useEffect } from 'react'

/** Dialogs without a name, and those that have theirs from here. */
const DIALOGS = '[role=dialog]:is(:not([aria-label], [aria-labelledby]), [data-named])'

/**
 * Names what Excalidraw leaves without a name, and has no property for: the button of its menu, which has an icon only,
 * and the dialogs that choose colours and fonts. These are other elements after the window was made narrow or wide.
 */
export function useEditorNames(surface: RefObject<HTMLElement>, menuName: string): void {
  useEffect(() => {
    const element = surface.current
    if (!element) return
    const apply = () => {
      const menu = element.querySelector('.main-menu-trigger')
      if (menu?.ariaLabel !== menuName) menu?.setAttribute('aria-label', menuName)
      for (const dialog of element.querySelectorAll<HTMLElement>(DIALOGS)) nameDialog(dialog)
    }
    apply()
    const observer = new MutationObserver(apply)
    observer.observe(element, { childList: true, subtree: true })
    return () => observer.disconnect()
  }, [surface, menuName])
}

/** A dialog is called as the button that opens it, or that it has for more. */
function nameDialog(dialog: HTMLElement): void {
  const button =
    document.querySelector<HTMLElement>(`[aria-controls="${CSS.escape(dialog.id)}"]`) ??
    dialog.querySelector<HTMLElement>('[aria-haspopup=dialog]')
  const name = button?.ariaLabel || button?.title
  if (!name || dialog.ariaLabel === name) return
  dialog.dataset.named = ''
  dialog.ariaLabel = name
}
