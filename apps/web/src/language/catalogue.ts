import type { GetICUArgs } from '@schummar/icu-type-parser'
import type en from '../messages/en.ts'

type English = typeof en

/** The name of a text. */
export type Key = keyof English

/** The texts of a language, as ICU messages. Those of English say which there are. */
export type Catalogue = Readonly<Record<Key, string>>

type Values<Text extends string> = GetICUArgs<
  Text,
  { ICUArgument: string; ICUNumberArgument: number; ICUDateArgument: Date }
>

/** The names of the elements in a text: `b` in `<b>Ada</b> invites you`. */
type ElementsOf<Text extends string> =
  Text extends `${infer Before}<${infer Name}>${infer Inner}</${string}>${infer After}`
    ? Name | ElementsOf<`${Before}${Inner}${After}`>
    : never

/** Texts with elements in them. */
export type RichKey = { [K in Key]: [ElementsOf<English[K]>] extends [never] ? never : K }[Key]

/** Texts without. */
export type PlainKey = Exclude<Key, RichKey>

type OrNothing<T> = keyof T extends never ? [] : [values: T]

/** What the text of a key takes, in place of its arguments. */
export type ValuesOf<K extends Key> = OrNothing<Values<English[K]>>

/** The same, with what makes each of its elements. */
export type RichValuesOf<K extends Key, Node> = Values<English[K]> &
  Record<ElementsOf<English[K]>, (content: Node) => Node>
