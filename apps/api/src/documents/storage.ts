import type { Logger } from '@mindfuse/service-kit'
import type { Registry } from 'prom-client'
import type { Database } from '../db/database.ts'
import { Compactor } from './compaction/compactor.ts'
import { createQuarantine, type Quarantine } from './quarantine/service.ts'
import { createDocumentMetrics, type DocumentMetrics } from './stored/metrics.ts'
import { createOpenDocument, type OpenDocument } from './stored/open-document.ts'
import { DocumentWorker } from './worker/document-worker.ts'

/** Stored documents: the worker thread that builds them, and what merges and quarantines them. */
export interface DocumentStorage {
  worker: DocumentWorker
  metrics: DocumentMetrics
  quarantine: Quarantine
  openDocument: OpenDocument
  compactor: Compactor
  log: Logger
  close(): Promise<void>
}

/** Opens {@link DocumentStorage}; the thread starts with the first job. */
export function openDocumentStorage(deps: {
  db: Database
  registry: Registry
  log: Logger
}): DocumentStorage {
  const { db, registry, log } = deps
  const worker = new DocumentWorker({ log })
  const metrics = createDocumentMetrics(registry, { db, worker })
  const quarantine = createQuarantine({ db, worker, metrics, log })
  const openDocument = createOpenDocument({ db, worker, quarantine })
  const compactor = new Compactor({ db, openDocument, quarantine, metrics, log })
  return {
    worker,
    metrics,
    quarantine,
    openDocument,
    compactor,
    log,
    async close() {
      await worker.close()
      await compactor.stop()
    },
  }
}
