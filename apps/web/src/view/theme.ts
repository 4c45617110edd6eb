import { DARK_THEME, LIGHT_THEME, type Theme } from '../model/palette.ts'

const dark = matchMedia('(prefers-color-scheme: dark)')

/** The theme that the system asks for. */
export function currentTheme(): Theme {
  return dark.matches ? DARK_THEME : LIGHT_THEME
}

/** @returns a function that ends it */
export function onThemeChange(listener: () => void): () => void {
  dark.addEventListener('change', listener)
  return () => dark.removeEventListener('change', listener)
}
