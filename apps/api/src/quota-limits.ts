/** How much there may be of what people keep; 0 is no limit. */
export interface QuotaLimits {
  /** Team workspaces that a person owns. */
  workspacesPerPerson: number
  /** Boards of a workspace, those in the trash included: their documents are still stored. */
  boardsPerWorkspace: number
  /** Boards of all workspaces that a person owns. */
  boardsPerPerson: number
  /** Documents of a workspace, with their versions and what is in quarantine, bytes. */
  storageBytesPerWorkspace: number
  /** The same of all workspaces that a person owns, bytes. */
  storageBytesPerPerson: number
  /** Named versions of a board. */
  versionsPerBoard: number
  /** A file beside documents, bytes. */
  assetBytesPerFile: number
  /** All files of a board, bytes. */
  assetBytesPerBoard: number
  /** Files of all boards of a workspace, bytes; the same one on several counts once. */
  assetBytesPerWorkspace: number
  /** The same of all workspaces that a person owns, bytes. */
  assetBytesPerPerson: number
}

/** Files of a board: one query adds them up at each upload. */
export const MAX_ASSETS_PER_BOARD = 10_000

/** One of {@link QuotaLimits} as settings and answers name it. */
export type QuotaName =
  | 'workspaces'
  | 'boards'
  | 'storage'
  | 'versions'
  | 'versionBytes'
  | 'assets'
  | 'assetBytes'

/** What a quota is counted for. */
export type QuotaScope = 'person' | 'workspace' | 'board'

const MEBIBYTE = 1024 ** 2
const GIBIBYTE = 1024 ** 3

/**
 * Far above what teams use, far below what fills a database: a person costs at most 20 GiB. That
 * holds 300 boards of the largest size, or 20,000 of an ordinary one of 1 MiB. As much again of files.
 */
export const DEFAULT_QUOTAS: QuotaLimits = {
  workspacesPerPerson: 100,
  boardsPerWorkspace: 10_000,
  boardsPerPerson: 20_000,
  storageBytesPerWorkspace: 10 * GIBIBYTE,
  storageBytesPerPerson: 20 * GIBIBYTE,
  versionsPerBoard: 100,
  assetBytesPerFile: 25 * MEBIBYTE,
  assetBytesPerBoard: GIBIBYTE,
  assetBytesPerWorkspace: 10 * GIBIBYTE,
  assetBytesPerPerson: 20 * GIBIBYTE,
}
