import { onStored, storage } from '../ui/storage.ts'

/** Which colours a person can want; `system` are those of their machine. */
export const THEMES = ['system', 'light', 'dark'] as const

/** One of {@link THEMES}. */
export type ThemeChoice = (typeof THEMES)[number]

const KEY = 'mindfuse:theme'
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

/** Shows other colours from now on. */
export function chooseTheme(choice: ThemeChoice): void {
  storage('localStorage')?.setItem(KEY, choice)
  show(choice)
}

function show(choice: ThemeChoice): void {
  document.documentElement.dataset.theme = choice
  dispatchEvent(new Event(CHANGE))
}

/** What was chosen, as it is shown. */
export const shownTheme = () => document.documentElement.dataset.theme as ThemeChoice

/** Calls `onChange` when another was chosen. @returns a function that stops that */
export function onTheme(onChange: () => void): () => void {
  addEventListener(CHANGE, onChange)
  return () => removeEventListener(CHANGE, onChange)
}
