import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Spool } from '../spool/spool.ts'
import type { DocumentWorkers } from '../worker/document-workers.ts'
import { BUILD_FAILURE_NAMES } from '../worker/errors.ts'

const APPEND_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const UPDATES_PER_APPEND = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000]
const COMPACTION_SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

/** What the API counts of documents. */
export interface DocumentMetrics {
  appendDuration: Histogram
  updatesPerAppend: Histogram
  /** By `outcome`. */
  compactions: Counter
  compactionDuration: Histogram
  /** By `side`: before and after. */
  compactionBytes: Counter
  /** By `kind`: update or snapshot. */
  quarantined: Counter
  /** By `reason`. */
  buildFailures: Counter
}

/** Registers {@link DocumentMetrics}, and gauges of what is queued. */
export function createDocumentMetrics(
  registry: Registry,
  deps: { workers: DocumentWorkers; spool: Spool },
): DocumentMetrics {
  const registers = [registry]
  new Gauge({
    name: 'document_worker_jobs',
    help: 'Jobs of the document workers, running and queued',
    registers,
    collect() {
      this.set(deps.workers.jobs)
    },
  })
  new Gauge({
    name: 'document_worker_processes',
    help: 'Processes that build documents, busy and idle',
    registers,
    collect() {
      this.set(deps.workers.workers)
    },
  })
  new Gauge({
    name: 'document_spool_bytes',
    help: 'Bytes of documents in temporary files, on their way to or from a client',
    registers,
    collect() {
      this.set(deps.spool.bytes)
    },
  })
  const buildFailures = new Counter({
    name: 'document_build_failures_total',
    help: 'Documents that turned out not to build, by reason; none is tried again',
    labelNames: ['reason'],
    registers,
  })
  for (const reason of BUILD_FAILURE_NAMES) buildFailures.inc({ reason }, 0)
  const quarantined = new Counter({
    name: 'document_quarantined_total',
    help: 'Stored updates and snapshots that could not be applied',
    labelNames: ['kind'],
    registers,
  })
  // Prometheus sees an increase only of a series that it has seen before: the first would be missed.
  for (const kind of ['update', 'snapshot']) quarantined.inc({ kind }, 0)
  return {
    quarantined,
    buildFailures,
    appendDuration: new Histogram({
      name: 'document_append_duration_seconds',
      help: 'Time that a transaction took which appended updates',
      buckets: APPEND_SECONDS,
      registers,
    }),
    updatesPerAppend: new Histogram({
      name: 'document_append_updates',
      help: 'Updates that one transaction appended',
      buckets: UPDATES_PER_APPEND,
      registers,
    }),
    compactions: new Counter({
      name: 'document_compactions_total',
      help: 'Compactions by how they ended',
      labelNames: ['outcome'],
      registers,
    }),
    compactionDuration: new Histogram({
      name: 'document_compaction_duration_seconds',
      help: 'Time from a board being claimed to the end of its compaction',
      buckets: COMPACTION_SECONDS,
      registers,
    }),
    compactionBytes: new Counter({
      name: 'document_compaction_bytes_total',
      help: 'Bytes of the documents that were compacted, before and after',
      labelNames: ['side'],
      registers,
    }),
  }
}
