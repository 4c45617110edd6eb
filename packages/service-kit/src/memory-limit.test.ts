import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readLimitedMemory } from './memory-limit.ts'

const groupWith = (files: Record<string, string>) => {
  const directory = mkdtempSync(join(tmpdir(), 'mindfuse-cgroup-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text)
  const memory = readLimitedMemory(directory, join(directory, 'own'))
  rmSync(directory, { recursive: true })
  return memory
}

const FILES = {
  own: '0::/\n',
  'memory.max': '2147483648\n',
  'memory.current': '1000000000\n',
  'memory.stat': 'anon 500\ninactive_file 400000000\nactive_file 7\n',
}

test('what is used of a limit leaves out cached files that are given up first', () => {
  expect(groupWith(FILES)).toEqual({ limit: 2_147_483_648, used: 600_000_000 })
})

test('there is nothing to say without a limit, and without cgroup v2', () => {
  expect(groupWith({ ...FILES, 'memory.max': 'max\n' })).toBeUndefined()
  expect(groupWith({ own: '4:memory:/docker\n' })).toBeUndefined()
  expect(groupWith({})).toBeUndefined()
})
