import { parentPort } from 'node:worker_threads'
import type { Answer, Call } from './messages.ts'
import { createDocumentOperations } from './operations.ts'

// The worker thread: operations on documents, called by message.
let operations = createDocumentOperations()

parentPort?.on('message', (call: Call) => {
  parentPort?.postMessage(...answerTo(call))
})

function answerTo(call: Call): [Answer, ArrayBuffer[]] {
  try {
    if (call.method === 'clear') {
      operations = createDocumentOperations()
      return [{ result: undefined }, []]
    }
    const method = operations[call.method] as (...args: unknown[]) => unknown
    const result = method(...call.args)
    return [{ result }, buffersOf(result)]
  } catch (error) {
    return [{ error: (error as Error).message }, []]
  }
}

/** Bytes of an answer change threads without a copy, where they fill their buffer. */
function buffersOf(result: unknown): ArrayBuffer[] {
  const values = [result, ...(result instanceof Object ? Object.values(result) : [])]
  return values.flatMap((value) =>
    value instanceof Uint8Array &&
    value.buffer instanceof ArrayBuffer &&
    value.length === value.buffer.byteLength
      ? [value.buffer]
      : [],
  )
}
