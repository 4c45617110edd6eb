import { readFileSync } from 'node:fs'
import { createLogger } from '@mindfuse/service-kit'
import { eventually, scatteredClients } from '@mindfuse/testing'
import { test as base, expect } from 'vitest'
import {
  BACKGROUND,
  DocumentWorkers,
} from '../../apps/api/src/documents/worker/document-workers.ts'
import { MAX_WAITING_PER_PERSON } from '../../apps/api/src/documents/worker/fair-queue.ts'
import type { RemoteOperations } from '../../apps/api/src/documents/worker/worker-process.ts'

const test = base.extend('workers', async ({ task: _ }, { onCleanup }) => {
  const log = createLogger({ service: 'test', level: 'silent' })
  const workers = new DocumentWorkers({ log, count: 2 })
  onCleanup(() => workers.close())
  return workers
})

/** Takes many seconds of a worker. */
async function costly(operations: RemoteOperations): Promise<void> {
  await operations.stage(scatteredClients(6_000))
  await operations.addStaged('present', 1)
}

const quick = (operations: RemoteOperations) => operations.encode('present')

const childPids = () =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ').filter(Boolean)

test('one person never has all workers, and has so many jobs queued', async ({ workers }) => {
  const cancelled = new AbortController()
  const owner = { person: 'mallory', signal: cancelled.signal }
  const jobs = Array.from({ length: 1 + MAX_WAITING_PER_PERSON }, () => workers.run(costly, owner))
  const outcomes = Promise.allSettled(jobs)
  await expect(workers.run(quick, owner)).rejects.toMatchObject({
    status: 429,
    code: 'too_many_document_jobs',
  })
  await workers.run(quick, { person: 'ada' })
  await workers.run(quick, { person: BACKGROUND })
  await eventually('only the costly jobs are left', () => workers.jobs === jobs.length)

  // The caller disconnects: what runs is ended, what waits never starts.
  cancelled.abort()
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'cancelled' } })
  }
  await eventually('the workers are free', () => workers.jobs === 0)
  await workers.run(quick, { person: 'mallory' })
})

test('a job whose process is killed is run again on another', async ({ workers }) => {
  const before = childPids()
  let runs = 0
  const encoded = await workers.run(
    async (operations) => {
      await operations.inspect({ seqs: [], sizes: [], bytes: new Uint8Array() })
      runs++
      if (runs === 1) {
        for (const pid of childPids())
          if (!before.includes(pid)) process.kill(Number(pid), 'SIGKILL')
      }
      return operations.encode('present')
    },
    { person: 'ada' },
  )
  expect(encoded).toMatchObject({ applied: 0 })
  expect(runs).toBe(2)
})
