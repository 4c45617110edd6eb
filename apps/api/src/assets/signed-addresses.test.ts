import { afterEach, expect, test, vi } from 'vitest'
import { createAddressSigner } from './signed-addresses.ts'

const MINUTE_MS = 60_000
const PLACE = { boardId: '7b0c8f0e-0000-4000-8000-000000000001', digest: 'a'.repeat(64) }

afterEach(() => vi.useRealTimers())

test('an address is the same for 7½ minutes, and lasts 7½ to 15', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 })
  const signer = createAddressSigner(['secret'], 'assets')
  const expiries = new Set<number>()
  for (let i = 0; i < 60; i++) {
    vi.setSystemTime(Date.now() + MINUTE_MS / 2)
    const expiry = signer.expiry()
    expiries.add(expiry)
    const leftMs = expiry * 1_000 - Date.now()
    expect(leftMs).toBeGreaterThan(7.5 * MINUTE_MS - 1)
    expect(leftMs).toBeLessThanOrEqual(15 * MINUTE_MS)
  }
  expect(expiries.size).toBeLessThanOrEqual(5)
})

test('it counts until it ends, for its file on its board alone', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 })
  const signer = createAddressSigner(['secret'], 'assets')
  const signed = signer.sign(PLACE, signer.expiry())
  expect(signer.isValid(PLACE, signed)).toBe(true)
  expect(signer.isValid({ ...PLACE, digest: 'b'.repeat(64) }, signed)).toBe(false)
  expect(signer.isValid({ ...PLACE, boardId: crypto.randomUUID() }, signed)).toBe(false)
  expect(signer.isValid(PLACE, { ...signed, expires: signed.expires + 1 })).toBe(false)
  for (const signature of ['', 'a', signed.signature.slice(1), `${signed.signature}AAAA`]) {
    expect(signer.isValid(PLACE, { ...signed, signature })).toBe(false)
  }
  vi.setSystemTime(signed.expires * 1_000)
  expect(signer.isValid(PLACE, signed)).toBe(false)
})

test('another secret signs others; the previous one counts while it is replaced', () => {
  const before = createAddressSigner(['old'], 'assets')
  const signed = before.sign(PLACE, before.expiry())
  expect(createAddressSigner(['new'], 'assets').isValid(PLACE, signed)).toBe(false)
  const during = createAddressSigner(['new', 'old'], 'assets')
  expect(during.isValid(PLACE, signed)).toBe(true)
  expect(during.sign(PLACE, signed.expires)).not.toEqual(signed)
})

test('an address of a file is none of a thumbnail with the same bytes', () => {
  const files = createAddressSigner(['secret'], 'assets')
  const signed = files.sign(PLACE, files.expiry())
  expect(createAddressSigner(['secret'], 'thumbnails').isValid(PLACE, signed)).toBe(false)
})
