import { writeFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { Answer, Call } from './messages.ts'
import { createDocumentOperations } from './operations.ts'

/** More than a timer needs, MiB. */
const WATCH_HEAP_MB = 8

// A worker process: operations on documents, called by message. It ends with the channel to its parent.
let operations = createDocumentOperations()

// A terminal sends these to all of its processes: the parent decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined)
preferUnderOom()
watchParent()

process.on('message', (call: Call) => {
  process.send?.(answerTo(call))
})

function answerTo(call: Call): Answer {
  try {
    if (call.method === 'clear') {
      operations = createDocumentOperations()
      return { result: undefined }
    }
    const method = operations[call.method] as (...args: unknown[]) => unknown
    return { result: method(...call.args) }
  } catch (error) {
    return { error: (error as Error).message }
  }
}

/** Ends this process within a second of its parent, whatever the main thread is doing. */
function watchParent(): void {
  new Worker(new URL('./parent-watch.js', import.meta.url), {
    argv: process.argv.slice(2),
    resourceLimits: { maxOldGenerationSizeMb: WATCH_HEAP_MB },
  }).unref()
}

/** Where memory runs out, the kernel ends this process rather than its parent or a database. */
function preferUnderOom(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '1000')
  } catch {
    // Not Linux, or not allowed: the limits of the parent are left.
    return
  }
}
