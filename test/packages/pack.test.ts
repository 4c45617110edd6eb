import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { SignedIn } from '@mindfuse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTeam } from '../support/people.ts'
import { connectSdk, shapesOf } from '../support/sdk.ts'
import { type Stack, startStack } from '../support/stack.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)

/** An install that goes to a registry, on a machine that may be busy, milliseconds. */
const INSTALL_TIMEOUT_MS = 240_000

/** An application with a Yjs of its own, which draws and ends. */
const APP = `
import { createClient } from '@mindfuse/client'
import WebSocket from 'ws'
import * as Y from 'yjs'

const { API_URL, REALTIME_URL, TOKEN, BOARD } = process.env
const client = createClient({
  apiUrl: API_URL,
  realtimeUrl: REALTIME_URL,
  getToken: async () => ({ accessToken: TOKEN, expiresAt: '2100-01-01T00:00:00Z' }),
  environment: { WebSocket },
})
const board = client.board(BOARD)
await board.whenSynced()
board.edit((doc) => doc.getMap('shapes').set('circle', new Y.Map([['radius', 5]])))
await board.whenSaved()
await client.close()
process.stdout.write(JSON.stringify({ isOwnYjs: board.doc instanceof Y.Doc }))
`

/** The same application's types, as strict as they get. */
const TYPED_APP = `
import { type Board, type ConnectionState, createClient, MindfuseError } from '@mindfuse/client'
import { CLOSE_CODES, decodeFrame, type ServerMessage } from '@mindfuse/protocol'
import { useDocument, useOthers } from '@mindfuse/react'
import { Doc } from 'yjs'

const client = createClient({ apiUrl: 'https://api.example', realtimeUrl: 'wss://realtime.example/ws' })
const board: Board = client.board('00000000-0000-4000-8000-000000000000')
const doc: Doc = board.doc
const radius: number = board.edit((drawn) => drawn.getMap<number>('shapes').set('radius', 5))
board.on('status', (state: ConnectionState) => state.kind === 'denied' && state.reason)
board.on('error', (error) => error instanceof MindfuseError && error.code)
const list: Promise<{ id: string }[]> = client.api.workspaces.list().then(({ items }) => items)
const text = (message: ServerMessage) => (message.type === 'hello' ? message.user.name : undefined)
export function Count() {
  const size: number | undefined = useDocument(board, (drawn) => drawn.getMap('shapes').size)
  const names: string[] = useOthers(board, (others) => others.map(({ user }) => user.name))
  return \`\${size} \${names.join()}\`
}
export const used = [doc, radius, list, text, decodeFrame(new Uint8Array()).kind, CLOSE_CODES.TOO_SLOW]

// @ts-expect-error A board is opened by its client, and woken by nobody else.
board.wake()
`

let stack: Stack
let people: SignedIn[]
let boardId: string
let folder: string
beforeAll(async () => {
  stack = await startStack()
  const team = await createTeam(stack, 2)
  people = team.people
  boardId = await team.newBoard()
  folder = await mkdtemp(join(tmpdir(), 'mindfuse-app-'))
  await writeFile(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
  await run(
    'npm',
    [
      'pack',
      '--workspace=packages/protocol',
      '--workspace=packages/client',
      '--workspace=packages/react',
      '--workspace=packages/scene',
      '--pack-destination',
      folder,
    ],
    { cwd: ROOT },
  )
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))
  const [client, react] = await Promise.all(['client', 'react'].map(readManifest))
  const peers = { ...client.peerDependencies, ...react.peerDependencies }
  // The oldest that the packages say they work with; all other tests have the newest.
  const own = Object.entries<string>(peers)
    .filter(([name]) => !name.startsWith('@mindfuse/'))
    .map(([name, range]) => `${name}@${range.split(' ')[0]?.replace('^', '')}`)
  own.push(`@types/react@${react.devDependencies['@types/react']}`)
  const { ws } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')).overrides
  await run(
    'npm',
    ['install', '--prefer-offline', '--no-audit', '--no-fund', ...own, `ws@${ws}`].concat(
      tarballs.map((name) => `./${name}`),
    ),
    { cwd: folder },
  )
}, INSTALL_TIMEOUT_MS)
afterAll(async () => {
  await stack?.stop()
  if (folder) await rm(folder, { recursive: true, force: true })
})

const readManifest = async (name: string) =>
  JSON.parse(await readFile(join(ROOT, 'packages', name, 'package.json'), 'utf8'))

const installed = (path: string) => join(folder, 'node_modules/@mindfuse', path)

describe.each(['client', 'protocol', 'react'])('the packed @mindfuse/%s', (name) => {
  test('holds code, types that lead to their sources, licence and README, and no tests', async () => {
    const files = await readdir(installed(name), { recursive: true })
    for (const file of [
      'LICENSE',
      'README.md',
      'dist/index.js',
      'dist/index.d.ts',
      'src/index.ts',
    ]) {
      expect(files).toContain(file)
    }
    expect(files.filter((file) => /(^|\/)test(\/|$)|\.test\.|\.tsbuildinfo$/.test(file))).toEqual(
      [],
    )
    const maps = files.filter((file) => file.endsWith('.map'))
    expect(maps).toContain('dist/index.d.ts.map')
    for (const map of maps) {
      const { sources } = JSON.parse(await readFile(installed(join(name, map)), 'utf8'))
      for (const source of sources) expect(files).toContain(join(map, '..', source))
    }
  })

  test('names no Yjs of its own', async () => {
    const manifest = JSON.parse(await readFile(installed(`${name}/package.json`), 'utf8'))
    expect(manifest.private).toBeUndefined()
    expect(Object.keys(manifest.dependencies ?? {})).not.toContain('yjs')
    expect(await readdir(installed(name))).not.toContain('node_modules')
  })
})

test('draws from an empty folder with the application’s own Yjs, and others see it', async () => {
  await writeFile(join(folder, 'app.js'), APP)
  const [ada, grace] = people as [SignedIn, SignedIn]
  const watching = connectSdk(stack, grace)
  const board = watching.board(boardId)
  await board.whenSynced()
  const { stdout, stderr } = await run(process.execPath, ['app.js'], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      API_URL: stack.apiUrl,
      REALTIME_URL: stack.realtimeUrl,
      TOKEN: ada.accessToken,
      BOARD: boardId,
    },
  })
  expect(JSON.parse(stdout)).toEqual({ isOwnYjs: true })
  // "Yjs was already imported" among others.
  expect(stderr).toBe('')
  await expect.poll(() => shapesOf(board)).toEqual({ circle: { radius: 5 } })
  await watching.close()
})

test.each([
  { module: 'nodenext', moduleResolution: 'nodenext' },
  { module: 'esnext', moduleResolution: 'bundler' },
])('type-checks an application with $moduleResolution', async (options) => {
  const project = join(folder, `tsconfig.${options.moduleResolution}.json`)
  await writeFile(join(folder, 'typed-app.ts'), TYPED_APP)
  const compilerOptions = {
    ...options,
    target: 'es2023',
    lib: ['es2023', 'dom'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  }
  await writeFile(project, JSON.stringify({ compilerOptions, files: ['typed-app.ts'] }))
  const compiler = fileURLToPath(import.meta.resolve('typescript/package.json'))
  const { stdout } = await run(process.execPath, [join(compiler, '../bin/tsc'), '-p', project], {
    cwd: folder,
  }).catch((error: { stdout: string }) => error)
  expect(stdout).toBe('')
})
