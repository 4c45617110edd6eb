import { useSyncExternalStore } from 'react'
import en from '../messages/en.ts'
import { onStored, storage } from '../ui/storage.ts'
import type { Catalogue } from './catalogue.ts'
import { createMessages, type Messages } from './messages.ts'

/** The language that the texts are written in first, which every page has. */
const SOURCE = 'en'

/** The others, loaded when they are chosen: `fr.ts` in that folder is French. */
const CATALOGUES = import.meta.glob<Catalogue>(['../messages/*.ts', '!../messages/en.ts'], {
  import: 'default',
})

/** The tags of all languages. */
export const LANGUAGES: readonly string[] = [
  SOURCE,
  ...Object.keys(CATALOGUES).map((path) => path.replace(/^.*\/|\.ts$/g, '')),
]

/** Where the browser keeps what was chosen. */
const KEY = 'mindfuse:language'

const RIGHT_TO_LEFT = /^(ar|fa|he|ps|sd|ug|ur|yi)\b/

let current = createMessages(SOURCE, en, localeOf(SOURCE, browserLanguages()))
const listeners = new Set<() => void>()

/** The texts of the page, which has one language, as its `lang` says. */
export const messages = (): Messages => current

/** The same for a component, which renders again when the language changes. */
export function useMessages(): Messages {
  return useSyncExternalStore(onLanguage, messages)
}

/** Calls `listener` when the language changes. @returns a function that removes it */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Uses the language that was chosen here, or else the first that the browser asks for. */
export async function openLanguage(): Promise<void> {
  const wanted = [storage('localStorage')?.getItem(KEY) ?? [], browserLanguages()].flat()
  await use(languageOf(wanted, LANGUAGES))
}

/** Uses another language from now on. */
export async function chooseLanguage(language: string): Promise<void> {
  await use(language)
  storage('localStorage')?.setItem(KEY, language)
}

/** Follows what is chosen in other tabs. */
export function followLanguage(): void {
  // A language that cannot be loaded leaves the one that is here.
  onStored(KEY, () => void openLanguage().catch(() => undefined))
}

/** What a language calls itself. */
export function nameOfLanguage(language: string): string {
  return new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language
}

/** The first of the `wanted` tags that is there, or whose language is. */
export function languageOf(wanted: readonly string[], available: readonly string[]): string {
  for (const tag of wanted) {
    const found = available.find((language) => isOf(tag, language))
    if (found !== undefined) return found
  }
  return SOURCE
}

/** The variant of a language that a browser prefers. */
export function localeOf(language: string, preferred: readonly string[]): string {
  return preferred.find((tag) => isOf(tag, language)) ?? language
}

async function use(language: string): Promise<void> {
  const load = CATALOGUES[`../messages/${language}.ts`]
  const catalogue = load ? await load() : en
  current = createMessages(language, catalogue, localeOf(language, browserLanguages()))
  document.documentElement.lang = language
  document.documentElement.dir = RIGHT_TO_LEFT.test(language) ? 'rtl' : 'ltr'
  for (const listener of [...listeners]) listener()
}

function isOf(tag: string, language: string): boolean {
  return tag === language || tag.startsWith(`${language}-`)
}

function browserLanguages(): readonly string[] {
  return globalThis.navigator?.languages ?? []
}
