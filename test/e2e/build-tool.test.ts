import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Runs `tools/build.cjs --check` as a Node of that version would. */
function checkWith(version: string): { status: number | null; stderr: string } {
  const pretend = `Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`
  const { status, stderr } = spawnSync(
    process.execPath,
    [
      '--import',
      `data:text/javascript,${encodeURIComponent(pretend)}`,
      'tools/build.cjs',
      '--check',
    ],
    { cwd: ROOT, encoding: 'utf8' },
  )
  return { status, stderr }
}

describe('an old Node', () => {
  test.each(['12.22.12', '18.20.8', '20.18.3'])('%s gets one clear line', (version) => {
    expect(checkWith(version)).toEqual({
      status: 1,
      stderr: `Mindfuse needs Node 20.19 or later, and this is Node ${version}\n`,
    })
  })

  test.each(['20.19.0', '22.1.0', '24.0.0'])('%s is not old', (version) => {
    expect(checkWith(version)).toEqual({ status: 0, stderr: '' })
  })
})

test('only what serves, tests or looks through the web app bundles it', () => {
  const { scripts } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as {
    scripts: Record<string, string>
  }
  const bundling = Object.entries(scripts)
    .filter(([, script]) => /build\.cjs$|build\.cjs .*apps\/web/.test(script))
    .map(([name]) => name)
  expect(bundling.sort()).toEqual(
    [
      'build',
      'preknip',
      'prestart',
      'prestart:api',
      'pretest',
      'pretest:clients',
      'pretest:faults',
      'pretest:load',
      'pretest:operations',
    ].sort(),
  )
})
