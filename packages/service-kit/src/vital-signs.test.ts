import { performance } from 'node:perf_hooks'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { VitalSigns } from './vital-signs.ts'

let now = 0
beforeEach(() => {
  now = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})
afterEach(() => void vi.restoreAllMocks())

test('what is counted is a rate over the time since it was read', () => {
  const signs = new VitalSigns<'edits'>(undefined)
  now = 2_000
  expect(signs.read({ edits: 10 }).perSecond).toEqual({ edits: 5 })
  now = 6_000
  expect(signs.read({ edits: 14 }).perSecond).toEqual({ edits: 1 })
  // Too soon for another rate: the question may be asked several times a second.
  now = 6_100
  expect(signs.read({ edits: 100 }).perSecond).toEqual({ edits: 1 })
  now = 8_000
  expect(signs.read({ edits: 114 }).perSecond).toEqual({ edits: 50 })
})

test('an event loop that works all the time is full', () => {
  vi.restoreAllMocks()
  const signs = new VitalSigns<never>(undefined)
  const until = performance.now() + 50
  while (performance.now() < until);
  const { eventLoopUtilization } = signs.read({})
  expect(eventLoopUtilization).toBeGreaterThan(0.5)
  expect(eventLoopUtilization).toBeLessThanOrEqual(1)
})

test('the version is that of the release', () => {
  const release = { version: '1.2.3', revision: 'abc' }
  expect(new VitalSigns<never>(release).read({})).toMatchObject({ version: '1.2.3' })
  expect(new VitalSigns<never>(undefined).read({})).toMatchObject({ version: 'development' })
})
