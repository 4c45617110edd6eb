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
import { createDocumentMetrics } from '../../apps/api/src/documents/stored/metrics.ts'
import { createOpenDocument } from '../../apps/api/src/documents/stored/open-document.ts'
import { DocumentWorker } from '../../apps/api/src/documents/worker/document-worker.ts'

/** The API's document services without HTTP, for what a test must time itself. */
export interface DocumentServices {
  db: Database
  documents: DocumentService
  compactor: Compactor
  worker: DocumentWorker
  close(): Promise<void>
}

/** @param options.spoil puts something between the services and the database */
export function startDocumentServices(
  url: string,
  options: {
    spoil?: (db: Database) => Database
    workerTimeLimitMs?: number
    /** A worker to share, which stays open. */
    worker?: DocumentWorker
  } = {},
): DocumentServices {
  const { spoil = (db) => db, workerTimeLimitMs: timeLimitMs } = options
  const log = createLogger({ service: 'test', level: 'silent' })
  const pool = openDatabase({ url, poolSize: 5, onError: () => undefined })
  const db = spoil(pool.db)
  const worker =
    options.worker ?? new DocumentWorker({ log, ...(timeLimitMs !== undefined && { timeLimitMs }) })
  const metrics = createDocumentMetrics(new Registry(), { db: pool.db, worker })
  const quarantine = createQuarantine({ db, worker, metrics, log })
  const openDocument = createOpenDocument({ db, worker, quarantine })
  const compactor = new Compactor({ db, openDocument, quarantine, metrics, log })
  const documents = createDocumentService({ db, compactor, metrics, log })
  return {
    db,
    documents,
    compactor,
    worker,
    async close() {
      if (!options.worker) await worker.close()
      await compactor.stop()
      await pool.close()
    },
  }
}
