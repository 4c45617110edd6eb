import { closeSync, openSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { OpenFiles, readOpenFilesLimit } from './open-files.ts'

test('a limit that serves nobody ends the start with a line', () => {
  expect(() => new OpenFiles(256)).toThrow(/ulimit -n\) is 256/)
})

test('some are kept for the gateway itself', () => {
  expect(new OpenFiles(1_024).maxConnections).toBe(768)
  expect(new OpenFiles(Number.POSITIVE_INFINITY).maxConnections).toBe(Number.POSITIVE_INFINITY)
  expect(readOpenFilesLimit()).toBeGreaterThan(128)
})

test('they are scarce before they are used up, and no longer once some are free', () => {
  const descriptors: number[] = []
  onTestFinished(() => {
    for (const descriptor of descriptors) closeSync(descriptor)
  })
  const files = new OpenFiles(512)
  expect(files.isScarce()).toBe(false)
  while ((descriptors.at(-1) ?? 0) < 383) descriptors.push(openSync('/dev/null', 'r'))
  expect(files.isScarce()).toBe(true)
  closeSync(descriptors.pop()!)
  expect(files.isScarce()).toBe(false)
})
