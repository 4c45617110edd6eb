import * as Y from 'yjs'

const SINCE = 'since'

/**
 * The update that turns the present document's content into that of a version it grew from, without
 * touching what is the same in both: all changes since are replayed on the version and undone there
 * as one. So items that did not change keep their identity, and what others are doing to them at
 * the moment merges as ever.
 *
 * @param documents the version is changed by this
 * @returns null where there is nothing to change
 */
export function forwardUpdate({
  present,
  version,
}: {
  present: Y.Doc
  version: Y.Doc
}): Uint8Array | null {
  const known = Y.encodeStateVector(present)
  const undo = new Y.UndoManager(version, {
    trackedOrigins: new Set([SINCE]),
    captureTimeout: Number.POSITIVE_INFINITY,
    // Whatever came later to the same key is what is being undone.
    ignoreRemoteMapChanges: true,
  })
  Y.applyUpdate(version, Y.encodeStateAsUpdate(present, Y.encodeStateVector(version)), SINCE)
  const before = Y.snapshot(version)
  while (undo.canUndo()) undo.undo()
  if (Y.equalSnapshots(before, Y.snapshot(version))) return null
  return Y.encodeStateAsUpdate(version, known)
}
