import type { Readable } from 'node:stream'

/** Names the bytes of one asset in the store. Nothing else ever has this name. */
export interface AssetKey {
  /** A UUID, made for this upload. */
  id: string
  /** SHA-256, 64 lower-case hexadecimal digits. */
  digest: string
}

/** Bytes that were received and checked, in a file. */
export interface ReceivedFile {
  path: string
  bytes: number
}

/** The bytes of an asset, or a part of them. The caller reads the stream to its end or destroys it. */
export interface AssetBytes {
  stream: Readable
}

/** First and last byte, both included. */
export interface ByteRange {
  from: number
  to: number
}

/** An entry of {@link AssetStore.list}. */
export interface ListedAsset {
  key: AssetKey
  writtenAt: Date
}

/**
 * Keeps the bytes of assets: a directory, or a bucket. Rows of `assets` say which of them count; what has no row is
 * left over, see `removeLeftOverAssets`.
 */
export interface AssetStore {
  /** Where received files should be, so that {@link put} need not copy them. */
  readonly incoming: string
  /**
   * Stores a file, durably once this resolves, and takes it: afterwards it is gone from where it was, also where
   * this rejects.
   * @throws AssetStoreError where the store does not answer, or refuses
   */
  put(key: AssetKey, file: ReceivedFile): Promise<void>
  /**
   * Opens an asset; undefined where the store does not have it.
   * @throws AssetStoreError
   */
  open(key: AssetKey, range?: ByteRange): Promise<AssetBytes | undefined>
  /** Removes it, if it is there. @throws AssetStoreError */
  remove(key: AssetKey): Promise<void>
  /** All that the store has, in pages. Entries that are no assets of ours are left out. @throws AssetStoreError */
  list(): AsyncIterable<ListedAsset[]>
  /** Whether it answers. @throws AssetStoreError */
  check(): Promise<void>
  close(): Promise<void>
}

/** The store does not answer, or refuses what it should not. */
export class AssetStoreError extends Error {}
