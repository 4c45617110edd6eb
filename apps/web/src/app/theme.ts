import { useSyncExternalStore } from 'react'
import { onStored, storage } from '../ui/storage.ts'

/** Which colours a person can want; `system` are those of their machine. */
export const THEMES = ['system', 'light', 'dark'] as const

/** One of {@link THEMES}. */
export type ThemeChoice = (typeof THEMES)[number]

const KEY = 'mindfuse:theme'
const IS_DARK = matchMedia('(prefers-color-scheme: dark)')
const CHANGE = 'mindfuse:theme'

/** Shows the colours that were chosen in this browser, also when that is done in another tab. */
export function followTheme(): void {
  show(readChoice())
  onStored(KEY, () => show(readChoice()))
}

function readChoice(): ThemeChoice {
  const choice = storage('localStorage')?.getItem(KEY)
  return choice === 'light' || choice === 'dark' ? choice : 'system'
}

function choose(choice: ThemeChoice): void {
  storage('localStorage')?.setItem(KEY, choice)
  show(choice)
}

function show(choice: ThemeChoice): void {
  document.documentElement.dataset.theme = choice
  dispatchEvent(new Event(CHANGE))
}

const readShown = () => document.documentElement.dataset.theme as ThemeChoice

function subscribe(onChange: () => void): () => void {
  addEventListener(CHANGE, onChange)
  IS_DARK.addEventListener('change', onChange)
  return () => {
    removeEventListener(CHANGE, onChange)
    IS_DARK.removeEventListener('change', onChange)
  }
}

/** The choice, which colours that makes now, and a function that chooses others. */
export function useTheme(): {
  choice: ThemeChoice
  theme: 'light' | 'dark'
  choose: (choice: ThemeChoice) => void
} {
  const choice = useSyncExternalStore(subscribe, readShown)
  const isDark = useSyncExternalStore(subscribe, () => IS_DARK.matches)
  return { choice, theme: choice === 'system' ? (isDark ? 'dark' : 'light') : choice, choose }
}
