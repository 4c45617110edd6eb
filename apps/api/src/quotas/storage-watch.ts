import type { Logger } from '@mindfuse/service-kit'
import { Gauge, type Registry } from 'prom-client'
import type { Database } from '../db/database.ts'
import type { QuotaLimits } from '../quota-limits.ts'
import { findWorkspaces, readStorageUsage, type StorageUsage } from './usage.ts'

/** How often a workspace is measured while its boards are open, milliseconds. */
const MEASURE_INTERVAL_MS = 60_000

/** The same where more than half of a quota is used: what other instances store is not counted here. */
const NEAR_INTERVAL_MS = 5_000
const NEAR_SHARE = 0.5

/** Longest that opening a board waits to be measured, milliseconds; then the next answer tells. */
const MEASURE_WAIT_MS = 250

/** Most boards that one query measures. */
const MEASURE_BATCH = 500

/** Most boards that are remembered; beyond it, all are forgotten and measured again. */
const MAX_BOARDS = 50_000

/** What is stored for a workspace, and for its owner, bytes, and its own limit if it has one. */
type Stored = Pick<StorageUsage, 'inWorkspace' | 'ofPerson' | 'ownLimit'>

interface MeasuredWorkspace extends Stored {
  /** In the time of `performance.now()`. */
  measureAt: number
}

/**
 * Knows whether the storage of an open board's workspace is used up, without a query for each batch of
 * edits: sizes are measured now and then, and what is stored here in between is added.
 */
export class StorageWatch {
  readonly #deps: { db: Database; limits: QuotaLimits; log: Logger }
  readonly #workspaceOf = new Map<string, string>()
  readonly #workspaces = new Map<string, MeasuredWorkspace>()
  readonly #due = new Set<string>()
  #measuring: Promise<void> | undefined

  constructor(deps: { db: Database; limits: QuotaLimits; registry: Registry; log: Logger }) {
    this.#deps = deps
    // One whose boards are all closed is no longer measured.
    const isFull = (workspace: MeasuredWorkspace) =>
      this.#isFull(workspace) && workspace.measureAt > performance.now() - MEASURE_INTERVAL_MS
    const workspaces = this.#workspaces
    new Gauge({
      name: 'quota_full_workspaces',
      help: 'Workspaces with open boards whose storage quota is used up: edits are refused',
      registers: [deps.registry],
      collect() {
        this.set([...workspaces.values()].filter(isFull).length)
      },
    })
  }

  /** Whether nothing more may be stored. A board that was never measured is measured soon. */
  isFull(boardId: string): boolean {
    const workspace = this.#find(boardId)
    if (!workspace || workspace.measureAt <= performance.now()) void this.#measure(boardId)
    return workspace !== undefined && this.#isFull(workspace)
  }

  /** As {@link isFull}, and waits a moment for a board that was never measured. */
  async isFullWhenMeasured(boardId: string): Promise<boolean> {
    if (!this.#find(boardId)) {
      let timer: NodeJS.Timeout | undefined
      const enough = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, MEASURE_WAIT_MS)
      })
      await Promise.race([this.#measure(boardId), enough])
      clearTimeout(timer)
    }
    return this.isFull(boardId)
  }

  /** So many bytes of a board were stored. */
  add(boardId: string, bytes: number): void {
    const workspace = this.#find(boardId)
    if (!workspace) return
    workspace.inWorkspace += bytes
    workspace.ofPerson += bytes
    workspace.measureAt = Math.min(workspace.measureAt, this.#nextMeasure(workspace))
  }

  #find(boardId: string): MeasuredWorkspace | undefined {
    const workspaceId = this.#workspaceOf.get(boardId)
    return workspaceId === undefined ? undefined : this.#workspaces.get(workspaceId)
  }

  #isFull(workspace: MeasuredWorkspace): boolean {
    return this.#usedShare(workspace) >= 1
  }

  /** How much of the quota is used that is used most. */
  #usedShare({ inWorkspace, ofPerson, ownLimit }: Stored): number {
    const { storageBytesPerWorkspace, storageBytesPerPerson } = this.#deps.limits
    const share = (used: number, limit: number) => (limit > 0 ? used / limit : 0)
    if (ownLimit !== null) return share(inWorkspace, ownLimit)
    return Math.max(
      share(inWorkspace, storageBytesPerWorkspace),
      share(ofPerson, storageBytesPerPerson),
    )
  }

  #nextMeasure(workspace: Stored): number {
    const isNear = this.#usedShare(workspace) > NEAR_SHARE
    return performance.now() + (isNear ? NEAR_INTERVAL_MS : MEASURE_INTERVAL_MS)
  }

  /** Measures a board's workspace with the next batch; never rejects. */
  #measure(boardId: string): Promise<void> {
    this.#due.add(boardId)
    this.#measuring ??= this.#measureDue()
    return this.#measuring
  }

  async #measureDue(): Promise<void> {
    const { db, log } = this.#deps
    while (this.#due.size > 0) {
      const boardIds = [...this.#due].slice(0, MEASURE_BATCH)
      for (const boardId of boardIds) this.#due.delete(boardId)
      try {
        const boards = await findWorkspaces(db, boardIds)
        const workspaceIds = [...new Set(boards.map(({ workspaceId }) => workspaceId))]
        const usages = await readStorageUsage(db, workspaceIds)
        if (this.#workspaceOf.size + boards.length > MAX_BOARDS) this.#forget()
        for (const { boardId, workspaceId } of boards) this.#workspaceOf.set(boardId, workspaceId)
        for (const { workspaceId, inWorkspace, ofPerson, ownLimit } of usages) {
          const stored = { inWorkspace, ofPerson, ownLimit }
          this.#workspaces.set(workspaceId, { ...stored, measureAt: this.#nextMeasure(stored) })
        }
      } catch (error) {
        log.warn({ err: error, boards: boardIds.length }, 'storage cannot be measured')
      }
    }
    // In the same turn as the last look at what is due: nothing can come in between.
    this.#measuring = undefined
  }

  #forget(): void {
    this.#workspaceOf.clear()
    this.#workspaces.clear()
  }
}
