/**
 * The header of a document's response that says `1` where the storage of the board's workspace is used
 * up: from then on, edits have to be refused.
 */
export const STORAGE_FULL_HEADER = 'mindfuse-storage-full'
