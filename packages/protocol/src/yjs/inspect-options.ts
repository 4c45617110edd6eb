import type { DepthSource } from './item-depths.ts'

/** Limits of an inspection, by default those of a peer's update, and what it records. */
export interface InspectOptions {
  /** How many clients may have structs, by default `MAX_UPDATE_CLIENTS`. */
  readonly maxClients?: number
  /** How many parts there may be, by default `MAX_UPDATE_PARTS`. */
  readonly maxParts?: number
  /** How many values Yjs may copy to merge structs, by default `MAX_UPDATE_COPIES`. */
  readonly maxCopies?: number
  /** How many items Yjs may go past to place others, by default `MAX_UPDATE_PASSES`. */
  readonly maxPasses?: number
  /** How many shared types may enclose an item, by default `MAX_TYPE_DEPTH`. */
  readonly maxDepth?: number
  /** How many deleted ranges there may be, by default `MAX_UPDATE_DELETES`. */
  readonly maxDeletes?: number
  /** How many clients may have deleted ranges, by default `MAX_UPDATE_DELETE_CLIENTS`. */
  readonly maxDeleteClients?: number
  /** The document that the update is for. Without one, an item that it builds on counts as not nested. */
  readonly document?: DepthSource
  /** Records the position of a struct in each range once in this many bytes, and of each that takes as many; never by default. */
  readonly markEveryBytes?: number
}

/**
 * For stored documents: together their parts may exceed what one update of a peer may hold, and what was
 * stored before a bound existed must still open.
 *
 * @example
 * ```ts
 * show(inspectUpdate(Y.encodeStateAsUpdate(doc), STORED_INSPECTION).structs)
 * ```
 */
export const STORED_INSPECTION: InspectOptions = {
  maxClients: Number.POSITIVE_INFINITY,
  maxParts: Number.POSITIVE_INFINITY,
  maxCopies: Number.POSITIVE_INFINITY,
  maxPasses: Number.POSITIVE_INFINITY,
  maxDepth: Number.POSITIVE_INFINITY,
  maxDeletes: Number.POSITIVE_INFINITY,
  maxDeleteClients: Number.POSITIVE_INFINITY,
}
