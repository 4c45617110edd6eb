import type { Board } from '@mindfuse/client'
import type { DraftElement } from './scene-sync.ts'

/** How long a draft stays after its element was written, milliseconds: the edit may arrive after the end of it. */
const LINGER_MS = 300

/** Most elements that are drafts of their own; more are one draft together. */
const MAX_SINGLE = 8

/** The draft of many elements. */
const TOGETHER = '*'

/** What a draft may hold: one element, or several. */
export type DraftValue = DraftElement | { readonly elements: readonly DraftElement[] }

/** Shows others what is being drawn, moved and resized, before it is written. */
export class OwnDrafts {
  readonly #drafts: Pick<Board['drafts'], 'set' | 'remove'>
  /** Those that others are shown, with the timers of those that end. */
  readonly #shown = new Map<string, ReturnType<typeof setTimeout> | undefined>()

  constructor(drafts: Pick<Board['drafts'], 'set' | 'remove'>) {
    this.#drafts = drafts
  }

  /** @param elements all that is not written: of each what is other than in the document */
  share(elements: readonly DraftElement[]): void {
    const values = valuesOf(elements)
    for (const [id, timer] of this.#shown) {
      if (timer === undefined && !values.has(id)) this.#end(id)
    }
    for (const [id, value] of values) this.#set(id, value)
  }

  close(): void {
    for (const [id, timer] of this.#shown) {
      clearTimeout(timer)
      this.#drafts.remove(id)
    }
    this.#shown.clear()
  }

  #set(id: string, value: DraftValue): void {
    clearTimeout(this.#shown.get(id))
    try {
      this.#drafts.set(id, value)
      this.#shown.set(id, undefined)
    } catch {
      // Too large, or too many: others see it when it is written.
      this.#end(id)
    }
  }

  #end(id: string): void {
    if (!this.#shown.has(id)) return
    const end = () => {
      this.#shown.delete(id)
      this.#drafts.remove(id)
    }
    this.#shown.set(id, setTimeout(end, LINGER_MS))
  }
}

function valuesOf(elements: readonly DraftElement[]): Map<string, DraftValue> {
  if (elements.length > MAX_SINGLE) return new Map([[TOGETHER, { elements }]])
  // Each by itself, so that of a stroke only the points that are new are sent.
  return new Map(elements.map((element) => [element.id, element]))
}
