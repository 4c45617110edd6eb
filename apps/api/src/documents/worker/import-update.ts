import {
  inspectUpdate,
  MAX_BOARD_CLIENTS,
  MAX_BOARD_PARTS,
  MAX_BOARD_PASSES,
  MAX_TYPE_DEPTH,
  STORED_INSPECTION,
  UnsupportedContentError,
  UpdateTooComplexError,
} from '@mindfuse/protocol'
import * as Y from 'yjs'

/** An import may be a whole board: what bounds it is what bounds boards. */
const BOARD_BOUNDS = {
  maxClients: MAX_BOARD_CLIENTS,
  maxParts: MAX_BOARD_PARTS,
  maxPasses: MAX_BOARD_PASSES,
}

/** What an imported update comes to. */
export type ImportVerdict =
  | { kind: 'bad'; reason: string }
  /** Yjs cannot read it, other implementations can. */
  | { kind: 'unsupported'; reason: string }
  /** Its structure would cost every reader too much. */
  | { kind: 'too_complex'; reason: string }
  /** The board would be too complex with it. */
  | { kind: 'full'; reason: string }
  | { kind: 'good'; isNew: boolean }

/**
 * Whether an update from outside may be stored: it reads, is within the bounds, loads into an empty
 * document without waiting for anything, and applies to the present one.
 */
export function checkImport(
  update: Uint8Array,
  present: Y.Doc,
): ImportVerdict & {
  /** What the present document lacks of it, where that is anything. */
  lacking?: Uint8Array
} {
  try {
    inspectUpdate(update, BOARD_BOUNDS)
    const alone = new Y.Doc()
    Y.applyUpdate(alone, update)
    if (alone.store.pendingStructs || alone.store.pendingDs) {
      return { kind: 'bad', reason: 'it refers to something that it does not hold' }
    }
    // What the board has already is cut off: two contents of one clock would tear it apart.
    const lacking = Y.diffUpdate(update, Y.encodeStateVector(present))
    const before = Y.snapshot(present)
    Y.applyUpdate(present, lacking)
    if (Y.equalSnapshots(before, Y.snapshot(present))) return { kind: 'good', isNew: false }
    const full = whyFull(present)
    return full ? { kind: 'full', reason: full } : { kind: 'good', isNew: true, lacking }
  } catch (error) {
    return refusalOf(error as Error)
  }
}

/** Whether an update that we made, and that the present document has, may be stored. */
export function checkMerged(update: Uint8Array, present: Y.Doc): ImportVerdict {
  try {
    inspectUpdate(update, BOARD_BOUNDS)
    const full = whyFull(present)
    return full ? { kind: 'full', reason: full } : { kind: 'good', isNew: true }
  } catch (error) {
    return refusalOf(error as Error)
  }
}

function refusalOf(error: Error): ImportVerdict {
  const { message: reason } = error
  if (error instanceof UpdateTooComplexError) return { kind: 'too_complex', reason }
  if (error instanceof UnsupportedContentError) return { kind: 'unsupported', reason }
  return { kind: 'bad', reason }
}

/** The bound that a board exceeds as a whole; undefined where it is within all of them. */
function whyFull(board: Y.Doc): string | undefined {
  try {
    const bounds = { ...STORED_INSPECTION, ...BOARD_BOUNDS, maxDepth: MAX_TYPE_DEPTH }
    inspectUpdate(Y.encodeStateAsUpdate(board), bounds)
    return undefined
  } catch (error) {
    if (error instanceof UpdateTooComplexError) return error.message
    throw error
  }
}
