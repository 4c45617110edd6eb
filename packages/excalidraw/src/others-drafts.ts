import type { Board } from '@mindfuse/client'
import { boundsOf, checkElement, type Point, type SceneElement } from '@mindfuse/scene'

/** What others are drawing on a board, as {@link Board.drafts} has it. */
export type DraftsOfOthers = ReturnType<Board['drafts']['others']>

/** The elements that drafts make of a scene. What cannot be shown is left out: anybody who may edit can send anything. */
export class OthersDrafts {
  /** What was read of each value that has not changed. */
  #known = new WeakMap<object, readonly SceneElement[]>()

  /** @param elementOf what the document has */
  read(
    others: DraftsOfOthers,
    elementOf: (id: string) => SceneElement | undefined,
  ): ReadonlyMap<string, SceneElement> {
    const elements = new Map<string, SceneElement>()
    for (const { drafts } of others.values()) {
      for (const value of drafts.values()) {
        for (const element of this.#elementsOf(value, elementOf)) elements.set(element.id, element)
      }
    }
    return elements
  }

  #elementsOf(
    value: unknown,
    elementOf: (id: string) => SceneElement | undefined,
  ): readonly SceneElement[] {
    if (!isRecord(value)) return []
    const known = this.#known.get(value)
    if (known) return known
    const parts = Array.isArray(value.elements) ? value.elements : [value]
    const elements = parts.flatMap((part: unknown) => merged(part, elementOf) ?? [])
    this.#known.set(value, elements)
    return elements
  }
}

/** An element of the document with what is other in a draft of it. */
function merged(
  part: unknown,
  elementOf: (id: string) => SceneElement | undefined,
): SceneElement | undefined {
  if (!isRecord(part) || typeof part.id !== 'string') return undefined
  const stored = elementOf(part.id)
  const element = checkElement({ ...stored, ...part })
  if (!element) return undefined
  const size = 'points' in element && sizeOf(element.points)
  return { ...element, ...size, boundElements: stored?.boundElements ?? null }
}

function sizeOf(points: readonly Point[]): { width: number; height: number } {
  const { width, height } = boundsOf(points)
  return { width, height }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
