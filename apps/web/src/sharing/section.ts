import type { BoardDetails } from '@mindfuse/client'
import type { App } from '../app/app.ts'
import { fill, h } from '../ui/dom.ts'
import { inTurn } from '../ui/in-turn.ts'

/** What the sections of the share dialog have in common. */
export interface Sharing {
  app: App
  board: BoardDetails
  /** Names of members by their id. */
  names: Map<string, string>
  /** Does something, shows why it failed, and loads all lists again either way. */
  change(action: () => Promise<unknown>): void
}

/** A list in the share dialog. */
export interface Section {
  element: HTMLElement
  load(): Promise<void>
}

/** A list under a heading, hidden while it is empty. */
export function listSection<Item>(
  title: string,
  source: { label: string; read: () => Promise<readonly Item[]>; row: (item: Item) => HTMLElement },
): Section {
  const { label, read, row } = source
  const list = h('ul', { class: 'rows', 'aria-label': label })
  const element = h('section', { hidden: true }, h('h3', {}, title), list)
  return {
    element,
    load: inTurn(async () => {
      const items = await read()
      element.hidden = items.length === 0
      fill(list, ...items.map(row))
    }),
  }
}
