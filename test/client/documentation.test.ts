import { strict as assert } from 'node:assert'
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as sdk from '@mindfuse/client'
import * as protocol from '@mindfuse/protocol'
import * as scene from '@mindfuse/scene'
import { transformWithEsbuild } from 'vite'
import { describe, expect } from 'vitest'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { test as base } from '../support/sdk-fixtures.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** A piece of documentation that readers copy. */
interface Example {
  /** File and line. */
  place: string
  code: string
}

const lineOf = (text: string, index: number) => text.slice(0, index).split('\n').length

function readExamples(path: string, pattern: RegExp): Example[] {
  const text = readFileSync(path, 'utf8')
  return [...text.matchAll(pattern)].map(({ index, groups }) => ({
    place: `${relative(ROOT, path)}:${lineOf(text, index)}`,
    code: (groups?.code ?? '').replace(/^ *\* ?/gm, ''),
  }))
}

const README = join(ROOT, 'packages/client/README.md')
const inReadmes = ['client', 'protocol', 'scene'].flatMap((name) =>
  readExamples(join(ROOT, 'packages', name, 'README.md'), /^```js\n(?<code>.*?)^```$/gms),
)

const inSources = ['client', 'protocol', 'scene'].flatMap((name) =>
  readdirSync(join(ROOT, 'packages', name, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .flatMap((file) =>
      readExamples(
        join(ROOT, 'packages', name, 'src', file),
        /@example\n *\* ```ts\n(?<code>.*?) *\* ```$/gms,
      ),
    ),
)

const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor

const test = base
  .extend('client', ({ connect, ada }) => connect(ada))
  .extend('board', async ({ client, boardId }) => {
    const board = client.board(boardId)
    await board.whenSynced()
    return board
  })

test('the documentation has examples', () => {
  expect(inReadmes.length).toBeGreaterThan(8)
  expect(inSources.length).toBeGreaterThan(24)
})

test.for([...inReadmes, ...inSources])(
  'the example at $place runs',
  async ({ code }, { board, client, connect, ada, stack }) => {
    const shown: unknown[] = []
    const show = (...values: unknown[]) => shown.push(...values)
    const doc = new Y.Doc()
    doc.getMap('shapes').set('circle', 1)
    const scope: Record<string, unknown> = {
      ...protocol,
      ...sdk,
      ...scene,
      // The addresses in the documentation are nobody's.
      createClient: () => connect(ada),
      WebSocket,
      Y,
      accessToken: ada.accessToken,
      apiUrl: stack.apiUrl,
      assert,
      board,
      boardId: board.id,
      client,
      console: { log: show },
      doc,
      drawCursor: show,
      environment: undefined,
      getToken: undefined,
      offerDownload: show,
      realtimeUrl: undefined,
      render: show,
      show,
      socket: { send: show },
      url: `${stack.realtimeUrl}/${board.id}`,
      userId: ada.user.id,
      window: new EventTarget(),
    }
    const body = code.replace(/^import .*$/gm, '')
    const { code: script } = await transformWithEsbuild(body, 'example.ts', { target: 'es2023' })
    // An example that names its own client or board gets one of its own.
    const names = Object.keys(scope).filter((name) => !script.includes(`const ${name} =`))
    await new AsyncFunction(...names, script)(...names.map((name) => scope[name]))
  },
)

test('the examples in sources type-check', async ({ onTestFinished }) => {
  const folder = mkdtempSync(join(tmpdir(), 'mindfuse-examples-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  const head = `
    import type * as sdkTypes from '@mindfuse/client'
    import { ${Object.keys(sdk)} } from '@mindfuse/client'
    import { ${Object.keys(protocol)} } from '@mindfuse/protocol'
    import { ${Object.keys(scene)} } from '@mindfuse/scene'
    import * as Y from 'yjs'
    declare const board: sdkTypes.Board, client: sdkTypes.Client, doc: Y.Doc
    declare const environment: Partial<sdkTypes.Environment>, getToken: sdkTypes.GetToken
    declare const accessToken: string, apiUrl: string, realtimeUrl: string
    declare const boardId: string, userId: string
    declare const socket: { send(frame: Uint8Array): void }
    declare function show(...values: unknown[]): void
    declare function drawCursor(name: string, cursor: sdkTypes.Point): void
  `
  const files = inSources.map(({ place, code }) => {
    const name = `${place.replaceAll(/[/:]/g, '-')}.ts`
    const imports = code.match(/^import .*$/gm) ?? []
    const body = code.replace(/^import .*$/gm, '')
    writeFileSync(
      join(folder, name),
      `${imports.join('\n')}${head}export async function example() {\n${body}}\n`,
    )
    return name
  })
  const compilerOptions = {
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    // So that no build has to be up to date.
    customConditions: ['mindfuse:source'],
    allowImportingTsExtensions: true,
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const printed = await new Promise<string>((resolve) =>
    execFile(process.execPath, [tsc, '-p', folder], { cwd: folder }, (_error, out) => resolve(out)),
  )
  expect(printed).toBe('')
})

describe('packages/client/README.md', () => {
  test('names every method and event', ({ client, board }) => {
    const text = readFileSync(README, 'utf8')
    const members = (object: object) =>
      Object.getOwnPropertyNames(object).filter((name) => name !== 'constructor')
    const names = [
      ...members(client),
      ...members(Object.getPrototypeOf(board)),
      ...Object.values(client.api).flatMap((group) =>
        typeof group === 'object' ? members(group) : [],
      ),
      'update',
      'viewport',
      'others',
    ]
    const missing = names.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))
    expect(missing).toEqual([])
  })
})
