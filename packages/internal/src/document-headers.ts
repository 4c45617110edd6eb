/**
 * The header of a document's response that says `1` where the storage of the board's workspace is used
 * up: from then on, edits have to be refused.
 */
export const STORAGE_FULL_HEADER = 'mindfuse-storage-full'

/**
 * The header of a document's response with the number at which a version took the place of everything
 * before it: what was read up to an earlier number does not count any more.
 */
export const REPLACED_SEQ_HEADER = 'mindfuse-replaced-seq'

/** The header of a document's response with the board's name, percent-encoded (`encodeURIComponent`). */
export const BOARD_NAME_HEADER = 'mindfuse-board-name'

/** The header of a document's response with the `incarnation` of the database, see `positionsReplySchema`. */
export const INCARNATION_HEADER = 'mindfuse-database-incarnation'
