import { AssetStoreError } from './asset-store.ts'

/** Runs what needs the store: every failure becomes an {@link AssetStoreError} that says what it was for. */
export async function reaching<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw unreachable(what, error)
  }
}

export function unreachable(what: string, cause: unknown): AssetStoreError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new AssetStoreError(`the asset store cannot ${what}: ${reason}`, { cause })
}
