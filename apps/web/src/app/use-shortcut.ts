import { useEffect } from 'react'

/**
 * Calls `run` when a key is pressed anywhere but in a field, a menu or a dialog.
 *
 * @param code the place of the key, `Slash`: the same on every layout; `Shift+KeyO` with the shift key
 * @param run has to be the same function until something else is to be done
 */
export function useShortcut(code: string, run: () => void): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const pressed = event.shiftKey ? `Shift+${event.code}` : event.code
      if (pressed !== code || event.ctrlKey || event.metaKey || event.altKey) return
      const target = event.target instanceof Element ? event.target : null
      if (target?.closest('input, select, textarea, [role=menu], [role=dialog], dialog')) return
      event.preventDefault()
      run()
    }
    document.addEventListener('keydown', onKeyDown)
    return () => document.removeEventListener('keydown', onKeyDown)
  }, [code, run])
}
