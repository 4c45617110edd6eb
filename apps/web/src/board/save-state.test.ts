import { describe, expect, test } from 'vitest'
import { saveStateOf } from './save-state.ts'

describe('the save label', () => {
  const board = {
    status: { kind: 'online' },
    saved: true,
    isStorageDelayed: false,
    isPaused: false,
    canEdit: true,
    synced: true,
  } as const

  test.each([
    [{}, 'saved'],
    [{ saved: false }, 'saving'],
    [{ saved: false, isStorageDelayed: true }, 'saving'],
    [{ isPaused: true }, 'paused'],
    [{ isPaused: true, canEdit: false }, 'paused'],
    [{ canEdit: false }, 'viewing'],
    [{ synced: false }, 'connecting'],
    [{ status: { kind: 'offline' } }, 'offline'],
  ] as const)('%j is %s', (change, kind) => {
    expect(saveStateOf({ ...board, ...change }, true).kind).toBe(kind)
  })

  test('never claims unsaved edits are saved', () => {
    for (const kind of ['connecting', 'online', 'offline', 'denied', 'closed'] as const) {
      expect(saveStateOf({ ...board, saved: false, status: { kind } }, true).kind).not.toBe('saved')
    }
  })

  test('is offline where the machine is', () => {
    expect(saveStateOf(board, false).kind).toBe('offline')
  })
})
