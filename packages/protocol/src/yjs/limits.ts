/**
 * The highest clock a struct or a deleted range may end at. A clock counts what one client id (one
 * session of one user) ever inserted, so two billion is out of reach of honest editing.
 *
 * Length itself is harmless: Yjs loops over structs and never over what they cover, and loads a
 * collected range of 2^40 as fast as one of 1. Sums are not: from 2^53 on clocks round, and Yjs
 * writes state vectors that do not match its document. y-crdt keeps clocks in 32 bits.
 */
export const MAX_CLOCK = 2 ** 31 - 1

/**
 * How deep values in an update may nest (arrays and objects, in lib0's encoding or in JSON). Yjs
 * reads and writes them recursively. On Node 20, 5,000 levels of JSON overflow the stack when a board is
 * encoded, and 20,000 levels of lib0's encoding when it is loaded.
 */
export const MAX_VALUE_DEPTH = 100

/**
 * How many clients one update of a peer may have structs of. The time Yjs takes for structs with missing
 * dependencies grows with the square of the number of clients: `Y.applyUpdate` took 0.6 s for 10,000 of them (100 kB), 9 s for 30,000 and 48 s for 60,000.
 */
export const MAX_UPDATE_CLIENTS = 10_000

/**
 * How many ranges one update of a peer may delete. Each may split a struct of the document:
 * `Y.applyUpdate` took 0.4 s for 100,000 of them in one text, 2.3 s for 400,000. An honest
 * sync step 2 names everything that was ever deleted from the board, so the bound is far from what
 * people do; Yjs joins neighbouring ranges.
 */
export const MAX_UPDATE_DELETES = 500_000
