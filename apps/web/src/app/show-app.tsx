import { createRoot } from 'react-dom/client'
import { followLanguage, openLanguage } from '../language/language.ts'
import type { Problem } from './problem.ts'
import { Root } from './root.tsx'
import type { Session } from './session.ts'

/** Shows the web app, in the language of its user. */
export async function showApp(app: {
  problem: Problem | undefined
  opening: Promise<Session> | undefined
}): Promise<void> {
  followLanguage()
  // A language that cannot be loaded leaves the one that is here.
  await openLanguage().catch(() => undefined)
  await untilParsed()
  const element = document.querySelector('#app')
  if (element) createRoot(element).render(<Root {...app} />)
}

/** Scripts of the page do not wait for the rest of it. */
async function untilParsed(): Promise<void> {
  if (document.readyState !== 'loading') return
  await new Promise((resolve) => addEventListener('DOMContentLoaded', resolve, { once: true }))
}
