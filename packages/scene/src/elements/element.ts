import type { BY_TYPE, COMMON, ElementType, Property } from './properties.ts'

/** What readers of the scene work out: the document does not hold it. */
type Derived = {
  readonly id: string
  /** The arrows and the text that are bound to it: what their own bindings say. */
  readonly boundElements: readonly BoundElement[] | null
  readonly isDeleted: false
  /** Always 1: who shows elements counts their versions. */
  readonly version: number
  readonly versionNonce: number
  readonly updated: number
}

/** What is bound to an element. */
export interface BoundElement {
  readonly id: string
  readonly type: 'arrow' | 'text'
}

type Values<Properties> = {
  readonly [Name in keyof Properties as undefined extends ValueOf<Properties[Name]>
    ? never
    : Name]: ValueOf<Properties[Name]>
} & {
  readonly [Name in keyof Properties as undefined extends ValueOf<Properties[Name]>
    ? Name
    : never]?: ValueOf<Properties[Name]>
}

type ValueOf<Declared> = Declared extends Property<infer Value> ? Value : never

interface DerivedByType {
  image: { readonly status: 'pending' | 'saved' }
  line: { readonly lastCommittedPoint: null }
  arrow: { readonly lastCommittedPoint: null }
  freedraw: { readonly lastCommittedPoint: null }
}

/** An element of one type, with Excalidraw's names. */
export type ElementOf<Type extends ElementType> = Derived & { readonly type: Type } & Values<
    typeof COMMON
  > &
  Values<(typeof BY_TYPE)[Type]> &
  (Type extends keyof DerivedByType ? DerivedByType[Type] : unknown)

/** An element of a scene, whole and valid. It may have further properties, of other versions of Excalidraw. */
export type SceneElement = { [Type in ElementType]: ElementOf<Type> }[ElementType]

/** An element to write: Excalidraw's own, or as much of one as there is. Derived properties are left out. */
export interface ElementInput {
  readonly id: string
  readonly type: string
  readonly isDeleted?: boolean
  readonly [name: string]: unknown
}
