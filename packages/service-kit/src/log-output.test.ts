import { execFileSync } from 'node:child_process'
import { constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@mindfuse/testing'
import { test as base, expect } from 'vitest'
import { LogOutput } from './log-output.ts'

const test = base.extend('dir', ({ task: _ }, { onCleanup }) => {
  const dir = mkdtempSync(join(tmpdir(), 'log-output-'))
  onCleanup(() => rmSync(dir, { recursive: true }))
  return dir
})

const numbered = (count: number) => Array.from({ length: count }, (_, i) => `${i}\n`)

test('lines arrive in their order, those just before the end too', async ({ dir }) => {
  const path = join(dir, 'log')
  const output = new LogOutput(openSync(path, 'a'))
  const lines = numbered(1_000)
  for (const line of lines.slice(0, 500)) output.write(line)
  await eventually(
    'they are written',
    () => readFileSync(path, 'utf8') === lines.slice(0, 500).join(''),
  )
  for (const line of lines.slice(500)) output.write(line)
  output.flush()
  expect(readFileSync(path, 'utf8')).toBe(lines.join(''))
})

test('a full disk takes nothing, and keeps nobody from ending', async () => {
  const output = new LogOutput(openSync('/dev/full', 'w'))
  output.write('lost\n')
  output.flush()
  output.write('lost\n')
  await new Promise(setImmediate)
  output.write('lost\n')
  output.flush()
})

test('a reader that hangs gets what is kept once it reads, and nobody waits for it', async ({
  dir,
}) => {
  const path = join(dir, 'pipe')
  execFileSync('mkfifo', [path])
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK)
  const output = new LogOutput(fd)
  const line = `${'x'.repeat(1023)}\n`
  const write = (lines: number) => {
    for (let i = 0; i < lines; i++) output.write(line)
  }
  // These are on their way to the pipe, which holds 64 KiB, while more than is kept is written.
  write(1_000)
  await new Promise(setImmediate)
  write(20_000)
  const kept = 1_000 * line.length + 8 * 1024 * 1024
  const chunk = Buffer.alloc(1024 * 1024)
  let received = 0
  while (received < kept) {
    received += readAvailable(fd, chunk)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  expect(received).toBe(kept)
  write(1_000)
  output.flush()
})

/** How many bytes there were. */
function readAvailable(fd: number, chunk: Buffer): number {
  try {
    return readSync(fd, chunk)
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe('EAGAIN')
    return 0
  }
}
