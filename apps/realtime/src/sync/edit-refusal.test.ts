import { EDIT_BURST, MAX_UPDATE_BYTES } from '@mindfuse/protocol'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Connection } from '../connection/connection.ts'
import { Rates } from '../connection/rates.ts'
import { refusalOf } from './edit-refusal.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const board = { isStorageFull: false, isShareUsedUp: false, isQuotaUsedUp: false }
const viewer = () => ({ role: 'viewer', isHeld: false, rates: new Rates() }) as Connection
const edit = Uint8Array.of(0, 1, 1, 1, 0, 1)

test('SYNC-9: what a viewer sends is compared with the board within the rates of an editor', () => {
  const isNew = vi.fn(() => false)
  const connection = viewer()
  const send = () => refusalOf(connection, edit, { ...board, isNew })
  const codes = Array.from({ length: EDIT_BURST + 10 }, send)
  expect(codes.slice(0, EDIT_BURST)).toEqual(Array(EDIT_BURST).fill(undefined))
  expect(codes.at(-1)).toBe('read_only')
  const reads = isNew.mock.calls.length
  expect(reads).toBe(codes.filter((code) => code === undefined).length)

  const large = new Uint8Array(MAX_UPDATE_BYTES + 1)
  expect(refusalOf(viewer(), large, { ...board, isNew })).toBe('read_only')
  expect(refusalOf(viewer(), edit, { ...board, isShareUsedUp: true, isNew })).toBe('read_only')
  expect(isNew).toHaveBeenCalledTimes(reads)
})
