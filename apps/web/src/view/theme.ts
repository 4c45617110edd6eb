import { DARK_THEME, LIGHT_THEME, type Theme } from '../model/palette.ts'

const dark = matchMedia('(prefers-color-scheme: dark)')

/** The theme the system prefers. */
export function currentTheme(): Theme {
  return dark.matches ? DARK_THEME : LIGHT_THEME
}

/** @returns a function that unsubscribes */
export function onThemeChange(listener: () => void): () => void {
  dark.addEventListener('change', listener)
  return () => dark.removeEventListener('change', listener)
}
