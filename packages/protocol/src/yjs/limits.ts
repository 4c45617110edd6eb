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
 * How many clients one update of a peer may have structs of. The time that Yjs takes to order structs
 * that different clients insert at one place grows with the square of their number: `Y.applyUpdate`
 * took 0.15 s for 1,000 of them, 2.3 s for 4,500 (107 kB) and 14.7 s for 9,990. An update of an editor
 * has one client, that of a peer who was offline or recovers others' edits a few hundred.
 */
export const MAX_UPDATE_CLIENTS = 1_000

/**
 * How many parts one update of a peer may have: a measure of what Yjs builds of it, at most 230 bytes of
 * heap each in every reader. A struct counts as 2 parts, one without content as 1, a shared type as 3, a
 * subdocument as 10, an object or array inside a value as 1; text typed in a row counts once, as Yjs
 * merges it. Without a bound, 5.4 MB of 900,000 empty maps take 540 MB.
 */
export const MAX_UPDATE_PARTS = 1_000_000

/**
 * How many values of an update Yjs may copy to merge neighbouring structs. Of structs with one value each
 * that follow each other it copies a growing array for every one, and frees none of them before the end
 * of the transaction: 20,000 structs (140 kB) took 5 s and 1.7 GB, 5,000 took 0.4 s and 100 MB. Yjs
 * itself sends such values as one struct.
 */
export const MAX_UPDATE_COPIES = 16_000_000

/**
 * How many shared types may enclose an item. Yjs loads, deletes and serializes types recursively:
 * `toString` of XML runs out of the 984 kB of stack of a browser or Node at 1,600 levels, deletes in a
 * client at 2,000. Two gateways may each accept one half, so that twice as much must be harmless.
 * Editors nest by two or three types for each level that a person sees.
 */
export const MAX_TYPE_DEPTH = 200

/**
 * How many ranges one update of a peer may delete. Each may split a struct of the document:
 * `Y.applyUpdate` took 0.4 s for 100,000 of them in one text, 2.3 s for 400,000. An honest
 * sync step 2 names everything that was ever deleted from the board, so the bound is far from what
 * people do; Yjs joins neighbouring ranges.
 */
export const MAX_UPDATE_DELETES = 500_000

/**
 * In how many clients' structs these ranges may lie: as many as a document may have. Each takes a list of
 * its own, in every reader: deletes in 2,000,000 clients (13 MB) took 1.4 GB of a gateway.
 */
export const MAX_UPDATE_DELETE_CLIENTS = 200_000

/**
 * How many items Yjs may go past to place those of an update that claim the first place of one list, or of
 * the values of one key. It goes past each that is there, twice: 60,000 values of a key by one client,
 * none of which names the one before (480 kB), took 60 s, 20,000 took 6 s. An editor names the value that it
 * replaces, so that only the first values that others set at the same time count. A client that claims
 * a place again pays for all structs, as any of them may stand at the same key.
 */
export const MAX_UPDATE_PASSES = 20_000_000
