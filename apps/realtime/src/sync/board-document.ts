import { createHash } from 'node:crypto'
import {
  type ClockRange,
  covers,
  DeletedRanges,
  decodeStateVector,
  encodeStateVector,
  encodeSyncStep2,
  encodeUpdate,
  inspectUpdate,
  leavesGap,
  overlaps,
  STORED_INSPECTION,
  type StateVector,
  type UpdateSummary,
} from '@mindfuse/protocol'
import type { Edit } from '../delivery/merge-edits.ts'
import { HeldUpdates } from './held-updates.ts'
import { MARK_EVERY_BYTES, StructLog } from './struct-log.ts'
import {
  byClient,
  NO_DELETES,
  runOf,
  type Section,
  type StructRun,
  sectionFrom,
  writeUpdate,
} from './struct-run.ts'
import { trimUpdate } from './trim-update.ts'

/** So much must have come since the snapshot for it to be worth reading anew, bytes. */
const MIN_RENEWED_BYTES = 4 * 1024 * 1024

/** How a peer's update is inspected, and one that was inspected when it came in. */
export const PEER_INSPECTION = { markEveryBytes: MARK_EVERY_BYTES }
export const TRUSTED_INSPECTION = { ...PEER_INSPECTION, ...STORED_INSPECTION }

/**
 * What became of an update: `applied` carries what is new in it, to be relayed and stored; `empty`
 * says that nothing is, as in a step 2 that repeats an edit that came by itself too; `gap` says
 * that it builds on something the document lacks and changed nothing, so that its sender has to be
 * asked for everything from the document's state vector on.
 */
export type ApplyOutcome = ({ kind: 'applied' } & Edit) | { kind: 'empty' } | { kind: 'gap' }

/** How an update is taken in. */
export interface ApplyOptions {
  /** From storage or another gateway, where it was checked: it may be of any number of clients. */
  trusted?: boolean
}

/**
 * How a joiner is answered: they lack nothing; they know nothing of the board and get the snapshot
 * as it is stored and what came since; or what they lack is picked out. `deletes` is the last with
 * no struct: a state vector does not tell which deletes they know.
 */
export type AnswerPath = 'nothing' | 'snapshot' | 'diff' | 'deletes'

/** The frames that answer a sync step 1. The last is the step 2: with it the joiner has it all. */
export interface Answer {
  path: AnswerPath
  frames: Uint8Array[]
}

/** A snapshot and what its inspection found. */
export interface InspectedSnapshot {
  update: Uint8Array
  summary: UpdateSummary
}

/**
 * A board's document as the gateway keeps it: bytes, where in them the structs of each client lie, a
 * state vector and which clocks are deleted, never a Y.Doc. The snapshot stays as it was stored;
 * what came since is kept beside it. An edit costs its own size, and a joiner what they are sent.
 */
export class BoardDocument {
  /** The snapshot as a frame, which every newcomer is sent. */
  readonly #snapshotFrame: Uint8Array | undefined
  readonly #snapshotRuns = new Map<number, StructRun>()
  readonly #log = new StructLog()
  readonly #logDeletes = new DeletedRanges()
  readonly #stateVector: StateVector = new Map()
  readonly #deleted = new DeletedRanges()
  readonly #held = new HeldUpdates()
  #byteLength: number
  /** What is the same for every joiner, until the next edit. */
  #written: { stateVector?: Uint8Array; deletes?: Uint8Array; rest?: Uint8Array; digest?: string } =
    {}

  /** @param snapshot inspected with {@link TRUSTED_INSPECTION} */
  constructor(snapshot?: InspectedSnapshot) {
    this.#byteLength = snapshot?.update.length ?? 0
    if (!snapshot) return
    const { summary } = snapshot
    // The frame alone is kept, and the snapshot is looked at inside of it.
    this.#snapshotFrame = encodeUpdate(snapshot.update)
    const headLength = this.#snapshotFrame.length - snapshot.update.length
    const update = this.#snapshotFrame.subarray(headLength)
    for (const range of summary.ranges) {
      // Yjs holds back what is behind a gap, and so it counts as not known until it comes anew.
      if (range.from > 0) continue
      const run = runOf(update, range)
      this.#snapshotRuns.set(range.client, run)
      if (run.to > 0) this.#stateVector.set(range.client, run.to)
    }
    this.#deleted.add(summary.deletes)
  }

  /** What the document holds, for a sync step 1. */
  get stateVector(): Uint8Array {
    this.#written.stateVector ??= encodeStateVector(this.#stateVector)
    return this.#written.stateVector
  }

  /**
   * What the document holds and what of it is deleted, as one text: SHA-256 in base64url of the state
   * vector and of the update that holds no structs and all deletes, byte for byte as Yjs writes both.
   */
  get digest(): string {
    this.#written.digest ??= createHash('sha256')
      .update(this.stateVector)
      .update(writeUpdate([], this.#deletes))
      .digest('base64url')
    return this.#written.digest
  }

  /** The bytes of the snapshot and of all that was taken in since. */
  get byteLength(): number {
    return this.#byteLength
  }

  /**
   * Takes in an update, whose bytes are copied where they are kept.
   *
   * @throws MalformedUpdateError
   */
  apply(received: Uint8Array, { trusted = false }: ApplyOptions = {}): ApplyOutcome {
    const options = trusted ? TRUSTED_INSPECTION : PEER_INSPECTION
    let update = received
    let summary = inspectUpdate(update, options)
    if (this.#holds(summary)) return { kind: 'empty' }
    if (leavesGap(this.#stateVector, summary)) return { kind: 'gap' }
    if (overlaps(this.#stateVector, summary)) {
      // An edit that raced a sync step 2 repeats what is known. Yjs clients cannot take such a
      // repeat when they have collected the known part as garbage, so only the news goes on.
      update = trimUpdate(update, summary, this.#stateVector)
      summary = inspectUpdate(update, options)
    }
    const isNews = ({ client, to }: ClockRange) => to > (this.#stateVector.get(client) ?? 0)
    const news = summary.ranges.filter(isNews)
    for (const range of news) {
      this.#log.append(update, range)
      this.#stateVector.set(range.client, range.to)
    }
    this.#deleted.add(summary.deletes)
    this.#logDeletes.add(summary.deletes)
    this.#byteLength += update.length
    const { deletes } = this.#written
    this.#written = deletes && summary.deletes.length === 0 ? { deletes } : {}
    return { kind: 'applied', update, news, deletes: summary.deletes }
  }

  /**
   * Keeps a stored update, which leaves a gap, until the gap is filled.
   * @returns whether there was room for it
   */
  hold(update: Uint8Array): boolean {
    return this.#held.add({ update, summary: inspectUpdate(update, TRUSTED_INSPECTION) })
  }

  /** Takes in what was held and leaves no gap any more; returns what is new in it. */
  release(): Edit[] {
    const released: Edit[] = []
    const isReady = (summary: UpdateSummary) => !leavesGap(this.#stateVector, summary)
    for (let held = this.#held.take(isReady); held; held = this.#held.take(isReady)) {
      const outcome = this.apply(held, { trusted: true })
      if (outcome.kind === 'applied') released.push(outcome)
    }
    return released
  }

  /**
   * Everything that somebody at this state vector lacks. Deletes cannot be told from it, so all of
   * them are repeated.
   *
   * @throws MalformedStateVectorError
   */
  answer(stateVector: Uint8Array): Answer {
    const known = decodeStateVector(stateVector)
    if (this.#isNews(known)) {
      this.#written.rest ??= encodeSyncStep2(
        writeUpdate(this.#sectionsSinceSnapshot(), this.#logDeletes.encode()),
      )
      const { rest } = this.#written
      return {
        path: 'snapshot',
        frames: this.#snapshotFrame ? [this.#snapshotFrame, rest] : [rest],
      }
    }
    if (this.#deleted.isEmpty && covers(known, this.#stateVector)) return NOTHING_LACKING
    const path = covers(known, this.#stateVector) ? 'deletes' : 'diff'
    return { path, frames: [encodeSyncStep2(this.#diff(known))] }
  }

  /** What somebody at this state vector lacks, and all deletes, as one update. */
  diff(stateVector: Uint8Array): Uint8Array {
    return this.#diff(decodeStateVector(stateVector))
  }

  #diff(known: StateVector): Uint8Array {
    return writeUpdate(this.#sectionsBehind(known), this.#deletes)
  }

  /** Whether more came since the snapshot than it holds, and that is much. */
  get isMostlyLog(): boolean {
    const snapshotBytes = this.#snapshotFrame?.length ?? 0
    return this.#byteLength - snapshotBytes > Math.max(snapshotBytes, MIN_RENEWED_BYTES)
  }

  /** Whether somebody knows nothing of this document. */
  #isNews(known: StateVector): boolean {
    if (this.#stateVector.size === 0) return known.size === 0
    for (const client of known.keys()) if (this.#stateVector.has(client)) return false
    return true
  }

  get #deletes(): Uint8Array {
    this.#written.deletes ??= this.#deleted.isEmpty ? NO_DELETES : this.#deleted.encode()
    return this.#written.deletes
  }

  #sectionsSinceSnapshot(): Section[] {
    return [...this.#log.runs].flatMap((run) => sectionFrom([run], 0) ?? []).sort(byClient)
  }

  #sectionsBehind(known: StateVector): Section[] {
    const sections: Section[] = []
    for (const [client, to] of this.#stateVector) {
      const clock = known.get(client) ?? 0
      if (clock >= to) continue
      const runs = [this.#snapshotRuns.get(client), this.#log.of(client)]
      const section = sectionFrom(
        runs.filter((run) => run !== undefined),
        clock,
      )
      if (section) sections.push(section)
    }
    return sections.sort(byClient)
  }

  /**
   * Whether an update brings nothing. What Yjs deletes by itself, as the value that lost to one set
   * at the same time, is news when a client first lists it: only a Y.Doc could tell.
   */
  #holds({ deletes, ranges }: UpdateSummary): boolean {
    return (
      ranges.every(({ client, to }) => to <= (this.#stateVector.get(client) ?? 0)) &&
      this.#deleted.covers(deletes)
    )
  }
}

/** The answer to somebody who lacks nothing. */
export const NOTHING_LACKING: Answer = {
  path: 'nothing',
  frames: [encodeSyncStep2(writeUpdate([], NO_DELETES))],
}
