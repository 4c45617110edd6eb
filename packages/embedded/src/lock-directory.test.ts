import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { StartupError } from '@mindfuse/service-kit'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockDirectory } from './lock-directory.ts'
import { processIdentity } from './process-identity.ts'

let dir: string
beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), 'mindfuse-lock-')), 'data')
})
afterEach(() => rm(join(dir, '..'), { recursive: true }))

async function leaveLock(holder: string): Promise<void> {
  await mkdir(join(dir, 'lock'), { recursive: true })
  await writeFile(join(dir, 'lock', holder), '')
}

it('is held by one, until released', async () => {
  const lock = await lockDirectory(dir)
  const second = lockDirectory(dir)
  await expect(second).rejects.toThrow(StartupError)
  await expect(second).rejects.toThrow(
    `data directory ${dir} is in use by process ${process.pid}: stop it or set DATA_DIR`,
  )
  await lock.release()
  expect(await readdir(dir)).toEqual([])
  await (await lockDirectory(dir)).release()
})

it('is taken over from a process that has ended', async () => {
  const { pid } = spawnSync(process.execPath, ['--version'])
  await leaveLock(`${pid}-1-a-boot`)
  await (await lockDirectory(dir)).release()
})

it.runIf(process.platform === 'linux')('is taken over where the id was reused', async () => {
  await leaveLock(`${process.ppid}-1-an-earlier-boot`)
  await (await lockDirectory(dir)).release()
})

it('is taken over from a start or an end that was cut short', async () => {
  await mkdir(join(dir, 'lock'), { recursive: true })
  await (await lockDirectory(dir)).release()
})

it('goes to one of many who race for a stale one', async () => {
  await leaveLock('999999999-1-a-boot')
  const starts = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(dir)))
  const locks = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []))
  expect(locks).toHaveLength(1)
  for (const start of starts) {
    if (start.status === 'rejected') expect(start.reason).toBeInstanceOf(StartupError)
  }
  expect(await readdir(join(dir, 'lock'))).toEqual([processIdentity(process.pid)])
  await locks[0]?.release()
})
