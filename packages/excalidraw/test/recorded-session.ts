import type { SimulatedExcalidraw } from './simulated-excalidraw.ts'

/** What a person does at one moment of a session. */
export interface Step {
  /** Milliseconds since the start. */
  readonly at: number
  readonly person: number
  /** Where the pointer moved. */
  readonly pointer?: Pointer
  act?(excalidraw: SimulatedExcalidraw): void
}

export interface Pointer {
  readonly x: number
  readonly y: number
  readonly button: 'up' | 'down'
}

/** An element that is done, and may be changed by anybody. */
interface Finished {
  readonly id: string
  readonly at: number
  x: number
  y: number
}

const FRAME_MS = 1_000 / 60
const LETTER_MS = 125
const WORDS =
  'the board has what we said on Monday about prices and who does what until then'.split(' ')
const COLORS = ['#1e1e1e', '#e03131', '#2f9e44', '#1971c2', '#f08c00']

/** Numbers from 0 to below 1, the same each time. */
function numbersFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * A session of people who draw on one board, the same each time: strokes, boxes, arrows, texts, moves and colours, as
 * Excalidraw makes them of a pointer that moves 60 times a second, with pauses between.
 */
export class RecordedSession {
  readonly #random: () => number
  readonly #steps: Step[] = []
  readonly #finished: Finished[] = []
  #person = 0
  #at = 0
  #count = 0

  constructor(people: number, durationMs: number, seed = 1) {
    this.#random = numbersFrom(seed)
    const clocks = Array.from({ length: people }, () => this.#between(0, 2_000))
    for (;;) {
      const at = Math.min(...clocks)
      if (at >= durationMs) break
      this.#person = clocks.indexOf(at)
      this.#at = at
      this.#gesture()
      this.#at += this.#between(300, 4_000)
      clocks[this.#person] = this.#at
    }
    this.#steps.sort((a, b) => a.at - b.at)
  }

  get steps(): readonly Step[] {
    return this.#steps
  }

  #gesture(): void {
    const kind = this.#random()
    const x = this.#coordinate(1_000)
    const y = this.#coordinate(700)
    this.#hover(x, y)
    if (kind < 0.4) this.#stroke(x, y)
    else if (kind < 0.55) this.#box(x, y)
    else if (kind < 0.65) this.#arrow(x, y)
    else if (kind < 0.75) this.#text(x, y)
    else if (kind < 0.9) this.#move()
    else this.#colour()
  }

  #hover(x: number, y: number): void {
    const frames = Math.round(this.#between(10, 60))
    for (let i = frames; i > 0; i--) this.#point(x + 5 * i, y - 3 * i, 'up')
  }

  #stroke(x: number, y: number): void {
    const turn = this.#between(8, 30)
    const points = [[0, 0]]
    const id = this.#begin('freedraw', x, y, {
      points,
      pressures: [],
      simulatePressure: true,
      lastCommittedPoint: null,
    })
    const frames = Math.round(this.#between(40, 240))
    for (let i = 1; i < frames; i++) {
      const point = [rounded(2.5 * i), rounded(40 * Math.sin(i / turn))]
      const drawn = [...points, point]
      points.push(point)
      this.#drag(id, [x, y], point, { points: drawn, width: point[0], height: 80 })
    }
    this.#end(id, x, y)
  }

  #box(x: number, y: number): void {
    const type = this.#random() < 0.7 ? 'rectangle' : 'ellipse'
    const id = this.#begin(type, x, y, { roundness: { type: 3 } })
    this.#size(id, x, y, (width, height) => ({ width, height }))
  }

  #arrow(x: number, y: number): void {
    const id = this.#begin('arrow', x, y, {
      points: [[0, 0]],
      lastCommittedPoint: null,
      startBinding: null,
      endBinding: null,
      startArrowhead: null,
      endArrowhead: 'arrow',
      elbowed: false,
      roundness: { type: 2 },
    })
    this.#size(id, x, y, (width, height) => ({
      width,
      height,
      points: [
        [0, 0],
        [width, height],
      ],
    }))
  }

  #size(id: string, x: number, y: number, sized: (w: number, h: number) => object): void {
    const frames = Math.round(this.#between(20, 60))
    for (let i = 1; i <= frames; i++) {
      const [width, height] = [rounded(4.3 * i), rounded(2.7 * i)]
      this.#drag(id, [x, y], [width, height], sized(width, height))
    }
    this.#end(id, x, y)
  }

  #text(x: number, y: number): void {
    const first = Math.floor(this.#random() * (WORDS.length - 5))
    const words = WORDS.slice(first, first + 2 + Math.floor(4 * this.#random())).join(' ')
    const id = this.#newId()
    const look = { fontSize: 20, fontFamily: 5, textAlign: 'left', verticalAlign: 'top' }
    const layout = { containerId: null, autoResize: true, lineHeight: 1.25 }
    const written = (text: string) => ({
      text,
      originalText: text,
      width: rounded(9.4 * text.length),
    })
    this.#do((excalidraw) => {
      excalidraw.setState({ editingTextElement: { id } as never })
      excalidraw.draw({
        ...element('text', id, x, y),
        ...look,
        ...layout,
        ...written(''),
        height: 25,
      })
    })
    for (let length = 1; length <= words.length; length++) {
      this.#at += LETTER_MS
      this.#do((excalidraw) => excalidraw.change(id, written(words.slice(0, length))))
    }
    this.#do((excalidraw) => excalidraw.setState({ editingTextElement: null }))
    this.#finished.push({ id, x, y, at: this.#at })
  }

  #move(): void {
    const moved = this.#pick()
    if (!moved) return
    const { id, x, y } = moved
    this.#select(id)
    this.#do((excalidraw) => excalidraw.setState({ cursorButton: 'down' }))
    const frames = Math.round(this.#between(20, 90))
    for (let i = 1; i <= frames; i++) {
      const offset = [rounded(3.1 * i), rounded(1.7 * i)] as const
      moved.x = x + offset[0]
      moved.y = y + offset[1]
      this.#drag(id, [x, y], offset, { x: moved.x, y: moved.y })
    }
    this.#do((excalidraw) => excalidraw.setState({ cursorButton: 'up' }))
  }

  #colour(): void {
    const coloured = this.#pick()
    if (!coloured) return
    const strokeColor = COLORS[Math.floor(COLORS.length * this.#random())]
    this.#select(coloured.id)
    this.#do((excalidraw) => excalidraw.change(coloured.id, { strokeColor }))
  }

  #select(id: string): void {
    this.#do((excalidraw) => excalidraw.setState({ selectedElementIds: { [id]: true } }))
  }

  /** An element that was done a while ago, so that all have it. */
  #pick(): Finished | undefined {
    const there = this.#finished.filter(({ at }) => at < this.#at - 1_000)
    return there[Math.floor(there.length * this.#random())]
  }

  #begin(type: string, x: number, y: number, own: object): string {
    const id = this.#newId()
    this.#do((excalidraw) => {
      excalidraw.setState({ cursorButton: 'down', newElement: { id } as never })
      excalidraw.draw({ ...element(type, id, x, y), ...own })
    })
    return id
  }

  #drag(
    id: string,
    [x, y]: readonly [number, number],
    [dx = 0, dy = 0]: readonly number[],
    change: object,
  ): void {
    this.#point(x + dx, y + dy, 'down')
    this.#do((excalidraw) => excalidraw.change(id, change))
  }

  #end(id: string, x: number, y: number): void {
    this.#do((excalidraw) => excalidraw.setState({ cursorButton: 'up', newElement: null }))
    this.#finished.push({ id, x, y, at: this.#at })
  }

  #point(x: number, y: number, button: Pointer['button']): void {
    this.#at += FRAME_MS
    this.#steps.push({ at: this.#at, person: this.#person, pointer: { x, y, button } })
  }

  #do(act: (excalidraw: SimulatedExcalidraw) => void): void {
    this.#steps.push({ at: this.#at, person: this.#person, act })
  }

  #newId(): string {
    return `element-${String(this.#count++).padStart(13, '0')}`
  }

  #between(least: number, most: number): number {
    return least + (most - least) * this.#random()
  }

  #coordinate(most: number): number {
    return rounded(most * this.#random())
  }
}

/** What Excalidraw gives each element. */
const element = (type: string, id: string, x: number, y: number) => ({
  ...{ id, type, x, y, width: 0, height: 0, angle: 0 },
  ...{ strokeColor: '#1e1e1e', backgroundColor: 'transparent', fillStyle: 'solid' },
  ...{ strokeWidth: 2, strokeStyle: 'solid', roughness: 1, opacity: 100 },
  ...{ groupIds: [], frameId: null, roundness: null, boundElements: null },
  ...{ seed: 1_402_183_451, updated: 1_764_460_800_000, link: null, locked: false },
})

const rounded = (value: number) => Math.round(value * 100) / 100
