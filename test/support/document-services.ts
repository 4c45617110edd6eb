import { openDatabase } from '@mindfuse/api'
import { createLogger } from '@mindfuse/service-kit'
import { Registry } from 'prom-client'
import type { Database } from '../../apps/api/src/db/database.ts'
import { Compactor } from '../../apps/api/src/documents/compaction/compactor.ts'
import { createQuarantine } from '../../apps/api/src/documents/quarantine/service.ts'
import {
  createDocumentService,
  type DocumentService,
} from '../../apps/api/src/documents/service.ts'
import { MemoryBudget } from '../../apps/api/src/documents/spool/memory-budget.ts'
import { Spool } from '../../apps/api/src/documents/spool/spool.ts'
import { createDocumentMetrics } from '../../apps/api/src/documents/stored/metrics.ts'
import { createOpenDocument } from '../../apps/api/src/documents/stored/open-document.ts'
import { createRememberUnbuildable } from '../../apps/api/src/documents/stored/unbuildable.ts'
import { DocumentWorkers } from '../../apps/api/src/documents/worker/document-workers.ts'

/** The API's document services without HTTP, for what a test must time itself. */
export interface DocumentServices {
  db: Database
  documents: DocumentService
  compactor: Compactor
  workers: DocumentWorkers
  close(): Promise<void>
}

/** @param options.spoil puts something between the services and the database */
export function startDocumentServices(
  url: string,
  options: {
    spoil?: (db: Database) => Database
    workerTimeLimitMs?: number
    /** Workers to share, which stay open. */
    workers?: DocumentWorkers
  } = {},
): DocumentServices {
  const { spoil = (db) => db, workerTimeLimitMs: timeLimitMs } = options
  const log = createLogger({ service: 'test', level: 'silent' })
  const pool = openDatabase({ url, poolSize: 10, onError: () => undefined })
  const db = spoil(pool.db)
  const workers =
    options.workers ??
    new DocumentWorkers({ log, ...(timeLimitMs !== undefined && { timeLimitMs }) })
  const spool = new Spool()
  const memory = new MemoryBudget()
  const metrics = createDocumentMetrics(new Registry(), { workers, spool })
  const quarantine = createQuarantine({ db, workers, metrics, log })
  const rememberUnbuildable = createRememberUnbuildable({ db, metrics, log })
  const openDocument = createOpenDocument({ db, workers, quarantine, rememberUnbuildable })
  const compactor = new Compactor({
    ...{ db, openDocument, rememberUnbuildable, quarantine, spool, memory, metrics, log },
  })
  const documents = createDocumentService({ internal: db, db, compactor, memory, metrics, log })
  return {
    db,
    documents,
    compactor,
    workers,
    async close() {
      if (!options.workers) await workers.close()
      await compactor.stop()
      await pool.close()
    },
  }
}
