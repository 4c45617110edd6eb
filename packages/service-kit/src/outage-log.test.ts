import { beforeEach, expect, test } from 'vitest'
import type { Logger } from './logger.ts'
import { OutageLog } from './outage-log.ts'

const logged: [level: string, message: string, fields: Record<string, unknown>][] = []
const write = (level: string) => (fields: Record<string, unknown>, message: string) =>
  void logged.push([level, message, fields])
const log = { warn: write('warn'), info: write('info') } as unknown as Logger
let outage: OutageLog

beforeEach(() => {
  logged.length = 0
  outage = new OutageLog({ log, failed: 'it fails', recovered: 'it works again' })
})

test('is a line when it begins and one when it is over', () => {
  outage.recover()
  for (let i = 0; i < 10; i++) outage.fail(new Error('refused'), { boards: i })
  expect(logged).toEqual([['warn', 'it fails', { err: new Error('refused'), boards: 0 }]])
  for (let i = 0; i < 3; i++) outage.recover()
  expect(logged.slice(1)).toEqual([['info', 'it works again', { attempts: 10, seconds: 0 }]])
})

test('each outage is logged', () => {
  for (let i = 0; i < 2; i++) {
    outage.fail(new Error('refused'))
    outage.recover()
  }
  expect(logged.map(([level]) => level)).toEqual(['warn', 'info', 'warn', 'info'])
})

test('numbers make no other reason', () => {
  for (let i = 1; i < 10; i++) outage.fail(new Error(`unreachable, again after ${i}00 ms`))
  expect(logged).toHaveLength(1)
})

test('a further reason is logged, up to five of an outage', () => {
  const reasons = Array.from({ length: 20 }, (_, i) => `reason ${'x'.repeat(i)}`)
  for (const reason of [...reasons, ...reasons]) outage.fail(new Error(reason))
  expect(logged).toHaveLength(5)
})
