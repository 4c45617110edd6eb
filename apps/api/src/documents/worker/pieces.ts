import type { RemoteOperations } from './worker-process.ts'

/** Stages all of a source, piece by piece. */
export async function stageAll(
  operations: RemoteOperations,
  source: AsyncIterable<Uint8Array>,
): Promise<void> {
  for await (const chunk of source) await operations.stage(chunk)
}

/** Reads the last result, piece by piece. */
export async function* readResult(operations: RemoteOperations): AsyncGenerator<Uint8Array> {
  for (let chunk = await operations.read(); chunk; chunk = await operations.read()) yield chunk
}
