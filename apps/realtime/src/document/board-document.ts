import { createHash } from 'node:crypto'
import {
  type BoardSize,
  type ClientDeletes,
  countClients,
  covers,
  DeletedRanges,
  decodeStateVector,
  encodeStateVector,
  encodeUpdate,
  type InspectOptions,
  inspectUpdate,
  leavesGap,
  lookupIn,
  MAX_BOARD_BYTES,
  MAX_BOARD_CLIENTS,
  MAX_BOARD_COPIES,
  MAX_BOARD_DELETES,
  MAX_BOARD_PARTS,
  overlaps,
  STORED_INSPECTION,
  type StateVector,
  UnsupportedContentError,
  type UpdateSummary,
  UpdateTooComplexError,
} from '@mindfuse/protocol'
import { type DocumentFrame, syncStep2Frame, updateFrame, wholeFrame } from './document-frame.ts'
import { DocumentSize } from './document-size.ts'
import type { Edit } from './edit.ts'
import { PendingUpdates } from './pending-updates.ts'
import { MARK_EVERY_BYTES, StructLog } from './struct-log.ts'
import {
  byClient,
  type Extent,
  extentOf,
  NO_DELETES,
  runOf,
  type Section,
  type StructRun,
  sectionFrom,
  writeUpdate,
} from './struct-run.ts'
import { Structure, type StructureRefusal } from './structure.ts'
import { trimUpdate } from './trim-update.ts'

/** The log must hold at least this much for a reload to be worth it, bytes. */
const MIN_RELOAD_BYTES = 4 * 1024 * 1024

/**
 * A state vector of more clients is not compared: its sender gets the whole board, which costs less.
 * Reading one of 50,000 takes up to 14 ms, one of 200,000 up to 240.
 */
const MAX_COMPARED_CLIENTS = 50_000

/** How a snapshot is inspected. */
export const SNAPSHOT_INSPECTION: InspectOptions = {
  markEveryBytes: MARK_EVERY_BYTES,
  ...STORED_INSPECTION,
}

/**
 * The result of applying an update. `applied` carries its new part, to be relayed and stored.
 * `empty` means that it holds nothing new, as a step 2 that repeats an edit. `gap` means that a
 * dependency is missing and nothing changed: its sender has to resync from the document's state
 * vector on. `refused`: the structure of the update or the document exceeds a bound, and nothing changed.
 */
export type ApplyOutcome =
  | ({ kind: 'applied' } & Edit)
  | { kind: 'empty' }
  | { kind: 'gap' }
  | { kind: 'refused'; code: StructureRefusal | 'unsupported_content' }

/** The result of applying an update that was checked before. */
export type TrustedOutcome = Exclude<ApplyOutcome, { kind: 'refused' }>

/** How an update is applied. */
export interface ApplyOptions {
  /** From storage or another gateway, where it was checked: no bound applies. */
  trusted?: boolean
}

/**
 * How a sync step 1 is answered. `nothing`: the client is up to date. `snapshot`: it knows nothing of
 * the board and gets the snapshot as stored, then the log. `diff`: it gets the structs it lacks and
 * all deletes. `deletes`: it has all structs, but a state vector does not say which deletes it knows.
 */
export type AnswerPath = 'nothing' | 'snapshot' | 'diff' | 'deletes'

/** The frames that answer a sync step 1. The last is the step 2, after which the client is in sync. */
export interface Answer {
  path: AnswerPath
  frames: DocumentFrame[]
}

/** A snapshot and the result of its inspection. */
export interface InspectedSnapshot {
  update: Uint8Array
  summary: UpdateSummary
}

/**
 * A board's document as the gateway keeps it: bytes, an index of where the structs of each client
 * lie in them, a state vector and the deleted ranges, never a Y.Doc. The snapshot stays as it was
 * stored, with a log of later structs beside it. An edit costs its own size, a join what it sends.
 */
export class BoardDocument {
  /** The snapshot as a frame, sent to every new client. */
  readonly #snapshotFrame: DocumentFrame | undefined
  readonly #snapshotRuns = new Map<number, StructRun>()
  readonly #log = new StructLog()
  readonly #logDeletes = new DeletedRanges()
  readonly #stateVector: StateVector = new Map()
  readonly #deleted = new DeletedRanges()
  readonly #size: DocumentSize
  readonly #structure: Structure
  readonly #peerInspection: InspectOptions
  readonly #trustedInspection: InspectOptions
  readonly #pending = new PendingUpdates()
  #byteLength: number
  /** Encodings that every join shares, until the next edit. */
  #encoded: {
    stateVector?: Uint8Array
    deletes?: Uint8Array
    rest?: DocumentFrame
    digest?: string
  } = {}

  /** @param snapshot inspected with {@link SNAPSHOT_INSPECTION} */
  constructor(snapshot?: InspectedSnapshot) {
    this.#size = new DocumentSize(snapshot?.update.length ?? 0)
    this.#structure = new Structure(this.#stateVector, this.#size)
    this.#peerInspection = { markEveryBytes: MARK_EVERY_BYTES, document: this.#structure }
    this.#trustedInspection = { ...this.#peerInspection, ...STORED_INSPECTION }
    this.#byteLength = snapshot?.update.length ?? 0
    if (!snapshot) return
    const { summary } = snapshot
    // Keep only the frame, and read the snapshot inside it.
    const frame = encodeUpdate(snapshot.update)
    this.#snapshotFrame = wholeFrame(frame)
    const update = frame.subarray(frame.length - snapshot.update.length)
    for (const range of summary.ranges) {
      // Yjs keeps structs behind a gap pending, so they count as unknown until they are sent again.
      if (range.from > 0) continue
      const run = runOf(update, range)
      this.#snapshotRuns.set(range.client, run)
      this.#structure.add(range)
      this.#size.addSnapshotRange(range)
      if (run.to > 0) this.#stateVector.set(range.client, run.to)
    }
    this.#deleted.add(summary.deletes)
  }

  /** The document's state vector, for a sync step 1. */
  get stateVector(): Uint8Array {
    this.#encoded.stateVector ??= encodeStateVector(this.#stateVector)
    return this.#encoded.stateVector
  }

  /**
   * Identifies the document's structs and deletes: SHA-256 in base64url of the state vector and of the
   * update that holds no structs and all deletes, byte for byte as Yjs writes both.
   */
  get digest(): string {
    this.#encoded.digest ??= createHash('sha256')
      .update(this.stateVector)
      .update(writeUpdate([], this.#deletes))
      .digest('base64url')
    return this.#encoded.digest
  }

  /** The bytes of the snapshot and of all updates applied since. */
  get byteLength(): number {
    return this.#byteLength
  }

  /**
   * Applies an update. Bytes that are kept are copied.
   *
   * @throws MalformedUpdateError
   */
  apply(received: Uint8Array, options: { trusted: true }): TrustedOutcome
  apply(received: Uint8Array, options?: ApplyOptions): ApplyOutcome
  apply(received: Uint8Array, { trusted = false }: ApplyOptions = {}): ApplyOutcome {
    try {
      return this.#apply(received, trusted)
    } catch (error) {
      if (error instanceof UpdateTooComplexError) return { kind: 'refused', code: 'too_complex' }
      if (error instanceof UnsupportedContentError && !trusted) {
        return { kind: 'refused', code: error.code }
      }
      throw error
    }
  }

  #apply(received: Uint8Array, trusted: boolean): ApplyOutcome {
    if (this.#isAnswerOfEqual(received)) return { kind: 'empty' }
    const options = trusted ? this.#trustedInspection : this.#peerInspection
    let update = received
    let summary = inspectUpdate(update, options)
    if (this.#holds(summary)) return { kind: 'empty' }
    if (leavesGap(this.#stateVector, summary)) return { kind: 'gap' }
    if (overlaps(this.#stateVector, summary)) {
      // An edit that raced a sync step 2 repeats known structs. A Yjs client that has garbage-
      // collected the known part cannot apply the repetition, so only the new part goes on.
      update = trimUpdate(update, summary, this.#stateVector)
      summary = inspectUpdate(update, options)
    }
    const news = summary.ranges.filter(({ client, to }) => to > this.#clockOf(client))
    const { copies, deletes: newDeletes } = summary
    const isDeletedNow = lookupIn(newDeletes)
    const isDeleted = (client: number, clock: number) =>
      isDeletedNow(client, clock) || this.#deleted.covers([{ client, bounds: [clock, clock + 1] }])
    const addition = { ranges: news, copies, isDeleted }
    const copiesMore = this.#log.copiesWith(addition)
    const freedBy = () => this.#freedBy(newDeletes)
    if (!trusted) {
      const edit = { ranges: news, deletes: newDeletes, copies: copiesMore, freedBy }
      const document = { log: this.#log, deleted: this.#deleted }
      const code = this.#structure.refusalOf(edit, document)
      if (code) return { kind: 'refused', code }
    }
    this.#log.add(update, addition, copiesMore)
    // Of its own structs as well, as a client that was offline made and deleted them.
    this.#size.add(news, freedBy())
    for (const range of news) {
      this.#structure.add(range)
      this.#stateVector.set(range.client, range.to)
    }
    this.#deleted.add(summary.deletes)
    this.#logDeletes.add(summary.deletes)
    this.#byteLength += update.length
    const { deletes } = this.#encoded
    this.#encoded = deletes && summary.deletes.length === 0 ? { deletes } : {}
    return { kind: 'applied', update, news, deletes: summary.deletes }
  }

  /**
   * Whether the document holds all of a peer's update. It is read no further than {@link apply} would:
   * beyond that it counts as new.
   * @throws MalformedUpdateError
   */
  contains(update: Uint8Array): boolean {
    if (this.#isAnswerOfEqual(update)) return true
    try {
      return this.#holds(inspectUpdate(update, this.#peerInspection))
    } catch (error) {
      if (error instanceof UpdateTooComplexError || error instanceof UnsupportedContentError) {
        return false
      }
      throw error
    }
  }

  /**
   * Keeps a stored update that leaves a gap pending until the gap is filled.
   * @returns whether there was room for it
   */
  addPending(update: Uint8Array): boolean {
    return this.#pending.add({ update, summary: inspectUpdate(update, SNAPSHOT_INSPECTION) })
  }

  /** Updates that are pending. */
  get pendingUpdates(): Uint8Array[] {
    return this.#pending.all.map(({ update }) => update)
  }

  /**
   * Applies pending updates that no longer leave a gap.
   * @param onApplied called for each before the next
   * @returns their new parts
   */
  applyPending(onApplied?: (edit: Edit) => void): Edit[] {
    const applied: Edit[] = []
    const isReady = (summary: UpdateSummary) => !leavesGap(this.#stateVector, summary)
    for (let next = this.#pending.take(isReady); next; next = this.#pending.take(isReady)) {
      const outcome = this.apply(next, { trusted: true })
      if (outcome.kind !== 'applied') continue
      applied.push(outcome)
      onApplied?.(outcome)
    }
    return applied
  }

  /**
   * Everything that a client at this state vector lacks, in parts of the document's own memory as far
   * as they are large. A state vector says nothing of deletes, so all of them are repeated.
   *
   * @throws MalformedStateVectorError
   */
  answer(stateVector: Uint8Array): Answer {
    const isTooLong = countClients(stateVector) > MAX_COMPARED_CLIENTS
    const known: StateVector = isTooLong ? new Map() : decodeStateVector(stateVector)
    if (isTooLong || this.#isUnknownTo(known)) {
      this.#encoded.rest ??= syncStep2Frame(
        this.#sectionsSinceSnapshot(),
        this.#logDeletes.encode(),
      )
      const { rest } = this.#encoded
      return {
        path: 'snapshot',
        frames: this.#snapshotFrame ? [this.#snapshotFrame, rest] : [rest],
      }
    }
    if (this.#deleted.isEmpty && covers(known, this.#stateVector)) return UP_TO_DATE
    const path = covers(known, this.#stateVector) ? 'deletes' : 'diff'
    return { path, frames: [syncStep2Frame(this.#sectionsBehind(known), this.#deletes)] }
  }

  /** The update frame of the edit that was applied last; its structs are parts of the document's memory. */
  frameOf({ news, deletes }: Edit): DocumentFrame {
    const sections = news.flatMap(({ client, from }) => this.#sectionFrom(client, from) ?? [])
    const deleted = new DeletedRanges()
    deleted.add(deletes)
    const deleteSet = deleted.isEmpty ? NO_DELETES : deleted.encode()
    return updateFrame(sections.sort(byClient), deleteSet)
  }

  /** What a client at this state vector lacks, and all deletes, as one update. */
  diff(stateVector: Uint8Array): Uint8Array {
    return this.#diff(decodeStateVector(stateVector))
  }

  #diff(known: StateVector): Uint8Array {
    return writeUpdate(this.#sectionsBehind(known), this.#deletes)
  }

  /** How large the document is once it is merged, about, and how much of what a board may have. */
  get size(): BoardSize {
    const bytes = this.#size.mergedBytes
    const share = Math.max(
      bytes / MAX_BOARD_BYTES,
      (this.#size.mergedParts + this.#deleted.size) / MAX_BOARD_PARTS,
      this.#deleted.size / MAX_BOARD_DELETES,
      Math.max(this.#stateVector.size, this.#deleted.clients) / MAX_BOARD_CLIENTS,
    )
    return { bytes, maxBytes: MAX_BOARD_BYTES, share }
  }

  /** Whether a merge in the API would make the document much smaller, or spare its readers much. */
  get isWorthMerging(): boolean {
    return this.isCostlyToMerge || this.#size.isWorthMerging
  }

  /** Whether Yjs copies many values to merge the structs of the log, which a merged board spares it. */
  get isCostlyToMerge(): boolean {
    return this.#log.copies > MAX_BOARD_COPIES / 4
  }

  /** Whether the log is large, and larger than the snapshot. */
  get isMostlyLog(): boolean {
    const snapshotBytes = this.#snapshotFrame?.length ?? 0
    return this.#byteLength - snapshotBytes > Math.max(snapshotBytes, MIN_RELOAD_BYTES)
  }

  /** The clock after the last struct of a client. */
  #clockOf(client: number): number {
    return this.#stateVector.get(client) ?? 0
  }

  /** What deletes leave without content, about, of the structs that the document has. */
  #freedBy(deletes: readonly ClientDeletes[]): Extent {
    const freed = { bytes: 0, structs: 0 }
    this.#deleted.visitNew(deletes, (client, from, to) => {
      for (const run of [this.#snapshotRuns.get(client), this.#log.of(client)]) {
        if (!run || run.to <= from || run.from >= to) continue
        const { bytes, structs } = extentOf(run, from, to)
        freed.bytes += bytes
        freed.structs += structs
      }
    })
    return freed
  }

  /** Whether a client at this state vector knows nothing of this document. */
  #isUnknownTo(known: StateVector): boolean {
    if (this.#stateVector.size === 0) return known.size === 0
    for (const client of known.keys()) if (this.#stateVector.has(client)) return false
    return true
  }

  get #deletes(): Uint8Array {
    this.#encoded.deletes ??= this.#deleted.isEmpty ? NO_DELETES : this.#deleted.encode()
    return this.#encoded.deletes
  }

  #sectionsSinceSnapshot(): Section[] {
    return [...this.#log.runs].flatMap((run) => sectionFrom([run], 0) ?? []).sort(byClient)
  }

  #sectionsBehind(known: StateVector): Section[] {
    const sections: Section[] = []
    for (const [client, to] of this.#stateVector) {
      const clock = known.get(client) ?? 0
      if (clock >= to) continue
      const section = this.#sectionFrom(client, clock)
      if (section) sections.push(section)
    }
    return sections.sort(byClient)
  }

  /** The structs of a client from a clock on. */
  #sectionFrom(client: number, clock: number): Section | undefined {
    const runs = [this.#snapshotRuns.get(client), this.#log.of(client)]
    return sectionFrom(
      runs.filter((run) => run !== undefined),
      clock,
    )
  }

  /**
   * Whether an update is what a client answers that has the same document: no structs, and all deletes
   * byte for byte. All clients of a board send it after a restart, and reading 100,000 deletes takes 20 ms.
   */
  #isAnswerOfEqual(update: Uint8Array): boolean {
    // A range takes 2 bytes or more: what is shorter does not have the deletes encoded.
    if (update[0] !== 0 || update.length < 2 * this.#deleted.size) return false
    return Buffer.compare(update.subarray(1), this.#deletes) === 0
  }

  /**
   * Whether the document holds all of an update. A delete that Yjs makes by itself, as of a value
   * overwritten by a concurrent one, counts as new when a client first lists it: only a Y.Doc could
   * know it before.
   */
  #holds({ deletes, ranges }: UpdateSummary): boolean {
    return (
      ranges.every(({ client, to }) => to <= this.#clockOf(client)) && this.#deleted.covers(deletes)
    )
  }
}

/** The answer to a client that is up to date. */
export const UP_TO_DATE: Answer = {
  path: 'nothing',
  frames: [syncStep2Frame([], NO_DELETES)],
}
