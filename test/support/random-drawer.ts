import type { Page } from 'playwright-core'
import { drag } from './drag.ts'

/** What a page shows of an element. */
export type ShownElement = Record<string, any> & { id: string; type: string }

/** Numbers from 0 up to 1, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) | 0
    let bits = Math.imul(state ^ (state >>> 15), 1 | state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Excalidraw itself, as React keeps it. */
const EXCALIDRAW = `(() => {
  const element = document.querySelector('.excalidraw')
  let fiber = element[Object.keys(element).find((key) => key.startsWith('__reactFiber$'))]
  while (!fiber.stateNode?.scene) fiber = fiber.return
  return fiber.stateNode
})()`

/** The elements that Excalidraw has, the lowest first, and those that were deleted. */
async function heldBy(page: Page): Promise<ShownElement[]> {
  const elements = `${EXCALIDRAW}.scene.getElementsIncludingDeleted()`
  return JSON.parse((await page.evaluate(`JSON.stringify(${elements})`)) as string)
}

/** The elements that Excalidraw shows, the lowest first. */
export const shownBy = async (page: Page) => shownOf(await heldBy(page))

const shownOf = (elements: readonly ShownElement[]) =>
  elements.filter(({ isDeleted }) => !isDeleted)

/** Tools by the key that chooses them. */
const TOOLS = ['r', 'd', 'o', 'a', 'l', 'p', 'f']

/** Acts on what is selected. */
const KEYS = {
  duplicate: 'Control+d',
  group: 'Control+g',
  ungroup: 'Control+Shift+g',
  raise: 'Control+]',
  lower: 'Control+[',
  'to the front': 'Control+Shift+]',
  'to the back': 'Control+Shift+[',
} as const

const ACTIONS = [
  ...['draw', 'draw', 'draw', 'write', 'write into', 'move', 'move', 'resize', 'colour', 'delete'],
  ...['undo', 'undo', 'redo', 'paste'],
  ...(Object.keys(KEYS) as (keyof typeof KEYS)[]),
] as const

/** After these an element may be gone that was there. */
const REMOVING: readonly string[] = ['delete', 'undo', 'redo']

/** What came of one action in the page of whoever acted. */
export interface Outcome {
  /** What the page showed before or after it. */
  shown: ShownElement[]
  /** What was meant to go. */
  removed: string[]
}

/** Draws in a page as a person does, by pointer and keyboard, and as chance has it. */
export class RandomDrawer {
  readonly page: Page
  readonly #random: () => number

  constructor(page: Page, random: () => number) {
    this.page = page
    this.#random = random
  }

  async act(): Promise<Outcome> {
    const before = await heldBy(this.page)
    const action = this.#oneOf(ACTIONS)
    await this.#do(action, shownOf(before))
    const after = await heldBy(this.page)
    const wereGone = new Set(before.flatMap(({ id, isDeleted }) => (isDeleted ? id : [])))
    const gone = after.filter(({ id, isDeleted }) => isDeleted && !wereGone.has(id))
    const removed = REMOVING.includes(action) ? gone.map(({ id }) => id) : []
    return { shown: shownOf([...before, ...after]), removed }
  }

  async #do(action: string, shown: readonly ShownElement[]): Promise<void> {
    const { keyboard, mouse } = this.page
    switch (action) {
      case 'draw':
        await keyboard.press(this.#oneOf(TOOLS))
        return this.#drag(this.#point(), this.#point())
      case 'write':
        await keyboard.press('t')
        await mouse.click(...this.#point())
        return this.#type()
      case 'undo':
        return keyboard.press('Control+z')
      case 'redo':
        return keyboard.press('Control+Shift+z')
      case 'paste':
        await this.#select(shown)
        await keyboard.press('Control+c')
        await mouse.move(...this.#point())
        return keyboard.press('Control+v')
      case 'write into': {
        const element = this.#any(shown)
        if (!element) return
        await mouse.dblclick(...middleOf(element))
        return this.#type()
      }
      case 'move': {
        const element = await this.#select(shown)
        if (!element) return
        return this.#drag(middleOf(element), this.#point())
      }
      case 'resize': {
        const element = await this.#select(shown)
        if (!element) return
        const [x, y] = cornerOf(element)
        return this.#drag([x + 6, y + 6], this.#point())
      }
      case 'colour':
        if (!(await this.#select(shown))) return
        // Its picker takes a colour by a key of its own.
        await keyboard.press('s')
        await keyboard.press(this.#oneOf(['w', 'e', 'r', 'a', 's', 'd']))
        return keyboard.press('Escape')
      case 'delete':
        if (!(await this.#select(shown))) return
        return keyboard.press('Delete')
      default:
        await keyboard.press('v')
        if (this.#random() < 0.5) await keyboard.press('Control+a')
        else if (!(await this.#select(shown))) return
        return keyboard.press(KEYS[action as keyof typeof KEYS])
    }
  }

  /** Clicks on an element. @returns it */
  async #select(shown: readonly ShownElement[]): Promise<ShownElement | undefined> {
    const element = this.#any(shown)
    await this.page.keyboard.press('Escape')
    await this.page.keyboard.press('v')
    if (element) await this.page.mouse.click(...middleOf(element))
    return element
  }

  async #type(): Promise<void> {
    const { keyboard } = this.page
    await keyboard.type(`${Math.floor(this.#random() * 1_000)} `)
    await keyboard.press('Escape')
  }

  async #drag(from: Point, to: Point): Promise<void> {
    await drag(this.page, from, to)
    // A line goes on by clicks otherwise.
    await this.page.keyboard.press('Escape')
  }

  #any(shown: readonly ShownElement[]): ShownElement | undefined {
    return shown.length > 0 ? this.#oneOf(shown) : undefined
  }

  #point(): Point {
    return [300 + this.#random() * 800, 120 + this.#random() * 540]
  }

  #oneOf<Value>(values: readonly Value[]): Value {
    return values[Math.floor(this.#random() * values.length)] as Value
  }
}

type Point = readonly [x: number, y: number]

/** On its outline, where it can be taken hold of though nothing fills it. */
function middleOf({ type, x, y, width, height, points }: ShownElement): Point {
  if (points) return [x + points.at(-1)[0], y + points.at(-1)[1]]
  if (type === 'text') return [x + width / 2, y + height / 2]
  return [x + width / 2, y]
}

const cornerOf = ({ x, y, width, height }: ShownElement): Point => [x + width, y + height]
