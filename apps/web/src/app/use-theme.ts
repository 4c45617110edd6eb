import { useSyncExternalStore } from 'react'
import { chooseTheme, onTheme, shownTheme, type ThemeChoice } from './theme.ts'

const IS_DARK = matchMedia('(prefers-color-scheme: dark)')

/** The choice, which colours that makes now, and a function that chooses others. */
export function useTheme(): {
  choice: ThemeChoice
  theme: 'light' | 'dark'
  choose: (choice: ThemeChoice) => void
} {
  const choice = useSyncExternalStore(onTheme, shownTheme)
  const isDark = useSyncExternalStore(onDark, () => IS_DARK.matches)
  return {
    choice,
    theme: choice === 'system' ? (isDark ? 'dark' : 'light') : choice,
    choose: chooseTheme,
  }
}

function onDark(onChange: () => void): () => void {
  IS_DARK.addEventListener('change', onChange)
  return () => IS_DARK.removeEventListener('change', onChange)
}
