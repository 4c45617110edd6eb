/** Largest awareness update, bytes: select all on a board of 1,000 shapes, twice. */
export const MAX_AWARENESS_BYTES = 64 * 1024

/** An awareness state up to this size, bytes, is small: a gateway keeps it whatever else it keeps. */
export const SMALL_AWARENESS_BYTES = 4 * 1024

/** Bytes of larger states that a gateway keeps of one person, and of one board: who joins receives them. */
export const MAX_LARGE_AWARENESS_BYTES_PER_USER = 1024 * 1024
export const MAX_LARGE_AWARENESS_BYTES_PER_BOARD = 4 * 1024 * 1024

/**
 * Bytes of new awareness that a gateway handles of one person, per second on average and at once: a state
 * of 9 KiB at 110 Hz. Beyond it only the newest state of each client counts.
 */
export const AWARENESS_BYTES_PER_SECOND = 1024 * 1024
export const AWARENESS_BYTE_BURST = 4 * 1024 * 1024

/** Largest text frame, bytes. */
export const MAX_PRESENCE_BYTES = 4 * 1024

/**
 * Largest edit, bytes: an update, or a sync step 2, which a client sends after it was offline. A pasted
 * picture of 12 MB is one as a data URL.
 */
export const MAX_UPDATE_BYTES = 16 * 1024 * 1024

/**
 * Connections of one person to a gateway that take such edits, and the largest edit that any further one
 * takes, bytes: a gateway keeps what it has received of a frame until it is complete.
 */
export const MAX_LARGE_CONNECTIONS_PER_USER = 10
export const MAX_SMALL_UPDATE_BYTES = 1024 * 1024

/** Most awareness clientIDs one connection may introduce (a stock client uses one). */
export const MAX_AWARENESS_CLIENTS = 8

/**
 * Most entries of one awareness update, in either direction: the stock provider sends back what it
 * receives, so a gateway must accept what it sends.
 */
export const MAX_AWARENESS_ENTRIES = 64

/** Largest document, bytes of its content: without what was deleted, and as a merge leaves it. */
export const MAX_BOARD_BYTES = 64 * 1024 * 1024

/**
 * Largest document before it is merged, bytes: what a gateway keeps, with content that was deleted since
 * the last merge. Half as much again, so that a board that is nearly full is not merged for each change.
 */
export const MAX_UNMERGED_BOARD_BYTES = 1.5 * MAX_BOARD_BYTES

/**
 * Most parts of a document: see `MAX_UPDATE_PARTS`. The API merges as many in 8 to 20 s within its heap of
 * 1 GiB, where it holds the document twice, and a browser opens it.
 */
export const MAX_BOARD_PARTS = 2_000_000

/**
 * Most values that Yjs copies to merge the structs that were added to a document since it was last merged:
 * see `MAX_UPDATE_COPIES`. Who joins gets them in one transaction: 10,000 values of one client, a struct
 * each, take 2 s and 400 MB. Merging the board in the API makes them one struct.
 */
export const MAX_BOARD_COPIES = 50_000_000

/**
 * Most items that Yjs goes past to place those of a document that claim the same first place: see
 * `MAX_UPDATE_PASSES`. Whoever opens the board waits for it, merged or not: 3 s.
 */
export const MAX_BOARD_PASSES = 100_000_000

/**
 * Most clients with structs in a document; every editing session of a person is one. Yjs copies the clock
 * of each at every transaction: an edit takes 20 ms with 36,500 clients, 160 ms with 200,000. 20 people
 * who open a board five times a working day reach it after eight years.
 */
export const MAX_BOARD_CLIENTS = 200_000

/**
 * Most deleted ranges of a document: its clients name all of them in each sync step 2, which may hold as
 * many (`MAX_UPDATE_DELETES`). They may lie in the structs of `MAX_BOARD_CLIENTS` clients.
 */
export const MAX_BOARD_DELETES = 500_000

/** Edit frames a connection may send, per second on average and at once. */
export const EDITS_PER_SECOND = 100
export const EDIT_BURST = 400

/**
/**
 * Bytes of edits that one person may send to a gateway, per second on average and at once: two of the
 * largest edits, or a value of 900 KB that is replaced four times a second. Each is sent to every reader.
 */
export const EDIT_BYTES_PER_SECOND = 4 * 1024 * 1024
export const EDIT_BYTE_BURST = 2 * MAX_UPDATE_BYTES

/**
 * Awareness frames with something new that a connection may send, per second on average and at once; beyond
 * it, only the newest state of each client in a window counts.
 */
export const AWARENESS_PER_SECOND = 60
export const AWARENESS_BURST = 240

/** Text frames a connection may send, per second; beyond it, only the newest of a window counts. */
export const PRESENCE_PER_SECOND = 60
export const PRESENCE_BURST = 120

/** Largest broadcast, bytes: its text frame, or its body over HTTP. */
export const MAX_BROADCAST_BYTES = 16 * 1024

/** Most characters of a broadcast's event. */
export const MAX_BROADCAST_EVENT_LENGTH = 64

/** Broadcasts a connection may send, per second on average and at once. */
export const BROADCASTS_PER_SECOND = 30
export const BROADCAST_BURST = 60

/**
 * Copies of broadcasts that a gateway hands to the connections of one board, per second on average
 * and at once: a busy board cannot starve the others.
 */
export const BROADCAST_COPIES_PER_SECOND = 50_000
export const BROADCAST_COPY_BURST = 50_000

/**
 * What is being drawn, moved or resized now, bytes: the drafts of a connection together, and one text frame
 * of drafts. A stroke of 400 points takes 10 KiB.
 */
export const MAX_DRAFT_BYTES = 64 * 1024

/** Drafts of a connection, and most characters of a draft's id and of an array in it. */
export const MAX_DRAFTS_PER_CONNECTION = 16
export const MAX_DRAFT_NAME_LENGTH = 64

/** Most arrays of a draft that one change appends to. */
export const MAX_APPENDED_ARRAYS = 16

/** Frames of drafts that a connection may send, per second on average and at once: the SDK sends 15. */
export const DRAFTS_PER_SECOND = 30
export const DRAFT_BURST = 60

/**
 * Bytes in them of one person on a gateway, per second on average and at once: everything each second, and
 * as much that is new.
 */
export const DRAFT_BYTES_PER_SECOND = 2 * MAX_DRAFT_BYTES
export const DRAFT_BYTE_BURST = 4 * MAX_DRAFT_BYTES

/** Bytes of a board's drafts that a gateway keeps until its members are sent them. */
export const MAX_DRAFT_BYTES_PER_BOARD = 4 * 1024 * 1024

/** How often a client sends all of its drafts: who joins, or missed something, waits so long. Milliseconds. */
export const DRAFT_REPEAT_MS = 1_000

/** A draft of which nothing arrives for so long is gone, milliseconds: its sender is. */
export const DRAFT_LIFETIME_MS = 5_000

/** Connections to one board on one gateway. */
export const MAX_CONNECTIONS_PER_BOARD = 2_000

/** Connections of one user on one gateway. */
export const MAX_CONNECTIONS_PER_USER = 100

/** Channels on one connection, and channels of one user on one gateway. */
export const MAX_CHANNELS_PER_CONNECTION = 100
export const MAX_CHANNELS_PER_USER = 500

/** Channels that a connection may join, per second on average and at once. */
export const CHANNEL_JOINS_PER_SECOND = 10
export const CHANNEL_JOIN_BURST = 2 * MAX_CHANNELS_PER_CONNECTION

/**
 * Requests for state, sync step 1 and query awareness, that a connection may send: each may cost
 * reading the whole document, or everyone’s awareness.
 */
export const JOINS_PER_SECOND = 2
export const JOIN_BURST = 20

/** Bytes of edits that a gateway holds until they are stored, of all boards. */
export const MAX_UNSAVED_BYTES = 64 * 1024 * 1024

/**
 * The same of one person, over all their boards, while nobody else has any: their edits beyond it are
 * refused. They may have a third of what is free, so it is less while others have many.
 */
export const MAX_UNSAVED_BYTES_PER_USER = MAX_UNSAVED_BYTES / 4

/** Largest state vector of a sync step 1, bytes: 200,000 clients of ten bytes each. */
export const MAX_STATE_VECTOR_BYTES = 2 * 1024 * 1024

/** Memory of a gateway for answers to sync step 1 that their readers have not taken, bytes. */
export const MAX_UNREAD_DOCUMENT_BYTES = 64 * 1024 * 1024

/** Memory of a gateway for everything else that connections have not read, of those that are far behind, bytes. */
export const MAX_BACKLOG_BYTES = 128 * 1024 * 1024

/**
 * Bytes of open boards that are counted for one person on a gateway: while they have as many, no further
 * board is opened for them there. Two of the largest, or some hundreds of usual ones.
 */
export const MAX_OPEN_BOARD_BYTES_PER_USER = 2 * MAX_BOARD_BYTES
