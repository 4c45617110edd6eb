import type { Logger } from '@mindfuse/service-kit'
import type { Registry } from 'prom-client'
import type { Database } from '../db/database.ts'
import { Compactor } from './compaction/compactor.ts'
import { createQuarantine, type Quarantine } from './quarantine/service.ts'
import { MemoryBudget } from './spool/memory-budget.ts'
import { Spool } from './spool/spool.ts'
import { createDocumentMetrics, type DocumentMetrics } from './stored/metrics.ts'
import { createOpenDocument, type OpenDocument } from './stored/open-document.ts'
import { createRememberUnbuildable, type RememberUnbuildable } from './stored/unbuildable.ts'
import { DocumentWorkers } from './worker/document-workers.ts'

/** Stored documents: the processes that build them, and what merges and quarantines them. */
export interface DocumentStorage {
  workers: DocumentWorkers
  spool: Spool
  memory: MemoryBudget
  metrics: DocumentMetrics
  quarantine: Quarantine
  openDocument: OpenDocument
  rememberUnbuildable: RememberUnbuildable
  compactor: Compactor
  log: Logger
  close(): Promise<void>
}

/** Opens {@link DocumentStorage}; processes start with the first jobs. */
export function openDocumentStorage(deps: {
  db: Database
  registry: Registry
  log: Logger
  /** How many processes build documents at a time; by default what cores and memory allow. */
  workers?: number | undefined
}): DocumentStorage {
  const { db, registry, log } = deps
  const workers = new DocumentWorkers({ log, count: deps.workers })
  const spool = new Spool()
  const memory = new MemoryBudget()
  const metrics = createDocumentMetrics(registry, { workers, spool })
  const quarantine = createQuarantine({ db, workers, metrics, log })
  const rememberUnbuildable = createRememberUnbuildable({ db, metrics, log })
  const openDocument = createOpenDocument({ db, workers, quarantine, rememberUnbuildable })
  const compactor = new Compactor({
    ...{ db, openDocument, rememberUnbuildable, quarantine, spool, memory, metrics, log },
  })
  return {
    ...{ workers, spool, memory, metrics, quarantine, openDocument, rememberUnbuildable },
    compactor,
    log,
    async close() {
      await workers.close()
      await compactor.stop()
    },
  }
}
