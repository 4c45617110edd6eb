import { isObject, type JsonObject } from '../elements/values.ts'
import { SceneFormatError } from '../imported-scene.ts'

/** A record of tldraw's store. */
export interface Record extends JsonObject {
  readonly id: string
  readonly typeName: string
}

/** A shape: everything on a page. */
export interface Shape extends Record {
  readonly type: string
  readonly props: JsonObject
}

/** How deep groups and frames may nest. */
const MAX_DEPTH = 50

/** The records of a file or snapshot, by what is asked of them. */
export class Store {
  readonly #records = new Map<string, Record>()
  readonly #children = new Map<string, Shape[]>()
  /** The bindings of arrows, by arrow and end. */
  readonly #bindings = new Map<string, JsonObject>()

  constructor(records: readonly unknown[]) {
    for (const record of records) {
      if (isRecord(record)) this.#records.set(record.id, record)
    }
    for (const record of this.#records.values()) {
      if (isShape(record)) this.#addChild(String(record.parentId), record)
      if (record.typeName === 'binding' && isObject(record.props)) {
        const end = endOf(String(record.fromId), String(record.props.terminal))
        this.#bindings.set(end, { ...record.props, toId: record.toId })
      }
    }
    for (const shapes of this.#children.values()) shapes.sort(compareIndex)
  }

  get pages(): readonly Record[] {
    return [...this.#records.values()]
      .filter(({ typeName }) => typeName === 'page')
      .sort(compareIndex)
  }

  get shapes(): number {
    return [...this.#records.values()].filter(isShape).length
  }

  shape(id: unknown): Shape | undefined {
    const record = this.#records.get(String(id))
    return record && isShape(record) ? record : undefined
  }

  /** What is on a page, or in a group or frame, the lowest first. */
  childrenOf(id: string): readonly Shape[] {
    return this.#children.get(id) ?? []
  }

  /** The groups and frames that a shape is in, the innermost first. */
  ancestorsOf({ parentId }: Shape): Shape[] {
    const ancestors: Shape[] = []
    for (let next = this.shape(parentId); next; next = this.shape(next.parentId)) {
      if (ancestors.length === MAX_DEPTH) break
      ancestors.push(next)
    }
    return ancestors
  }

  /** What an arrow's end is bound to; the first versions kept it in the arrow. */
  bindingOf(arrow: Shape, terminal: 'start' | 'end'): JsonObject | undefined {
    const own = arrow.props[terminal]
    if (isObject(own) && own.type === 'binding') return { ...own, toId: own.boundShapeId }
    return this.#bindings.get(endOf(arrow.id, terminal))
  }

  /** The details of a file or of a page that a shape shows. */
  assetOf({ props }: Shape): JsonObject {
    const asset = this.#records.get(String(props.assetId))
    return isObject(asset?.props) ? asset.props : {}
  }

  #addChild(parentId: string, shape: Shape): void {
    const siblings = this.#children.get(parentId)
    if (siblings) siblings.push(shape)
    else this.#children.set(parentId, [shape])
  }
}

/**
 * Opens a `.tldr` file, or what tldraw's `getSnapshot` answers.
 *
 * @throws SceneFormatError where it is something else
 */
export function openStore(value: unknown): Store {
  if (isObject(value)) {
    if (Array.isArray(value.records)) return new Store(value.records)
    const document = isObject(value.document) ? value.document : value
    if (isObject(document.store)) return new Store(Object.values(document.store))
  }
  throw new SceneFormatError('This is no file of tldraw')
}

function isRecord(value: unknown): value is Record {
  return isObject(value) && typeof value.id === 'string' && typeof value.typeName === 'string'
}

function isShape(record: Record): record is Shape {
  return record.typeName === 'shape' && typeof record.type === 'string' && isObject(record.props)
}

const endOf = (arrow: string, terminal: string) => `${terminal} ${arrow}`

function compareIndex(a: Record, b: Record): number {
  const [first, second] = [String(a.index), String(b.index)]
  return first < second ? -1 : first > second ? 1 : 0
}
