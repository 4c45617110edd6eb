import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Client, ClientOptions } from '@mindfuse/client'
import * as hooks from '@mindfuse/react'
import { type ComponentType, StrictMode } from 'react'
import { expect } from 'vitest'
import WebSocket from 'ws'
import { test as base } from './fixtures.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const PACKAGE = join(ROOT, 'packages/react')
const README = readFileSync(join(PACKAGE, 'README.md'), 'utf8')

const inReadme = [...README.matchAll(/^```tsx\n(.*?)^```$/gms)].map(([, code = '']) => code)

/** Those in sources leave out their imports. */
const inSources = readdirSync(join(PACKAGE, 'src'))
  .filter((file) => !file.endsWith('.test.ts'))
  .flatMap((file) => [
    ...readFileSync(join(PACKAGE, 'src', file), 'utf8').matchAll(
      /@example\n *\* ```tsx\n(.*?) *\* ```$/gms,
    ),
  ])
  .map(([, code = '']) =>
    [
      `import type { Board, ClientOptions } from '@mindfuse/client'`,
      `import { ${Object.keys(hooks)} } from '@mindfuse/react'`,
      `import { useEffect, useState } from 'react'`,
      code.replace(/^ *\* ?/gm, ''),
    ].join('\n'),
  )

interface ExampleProps {
  options: ClientOptions
  client: Client
  boardId: string
  workspaceId: string
}

const test = base
  .extend(
    'options',
    ({ stack, ada }): ClientOptions => ({
      apiUrl: stack.apiUrl,
      realtimeUrl: stack.realtimeUrl,
      getToken: async () => ({ accessToken: ada.accessToken, expiresAt: '2100-01-01T00:00:00Z' }),
      environment: { WebSocket },
    }),
  )
  /** The examples as files. */
  .extend('folder', { scope: 'file' }, ({ stack: _ }, { onCleanup }) => {
    const folder = mkdtempSync(join(tmpdir(), 'mindfuse-examples-'))
    onCleanup(() => rmSync(folder, { recursive: true }))
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    const examples = [...inReadme, ...inSources]
    for (const [index, code] of examples.entries()) {
      writeFileSync(join(folder, `example-${index}.tsx`), code)
    }
    return folder
  })

test('the documentation has examples', () => {
  expect(inReadme.length).toBeGreaterThan(3)
  expect(inSources.length).toBeGreaterThan(6)
})

test('the examples type-check', async ({ folder }) => {
  const compilerOptions = {
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'es2023',
    lib: ['es2023', 'dom', 'dom.iterable'],
    jsx: 'react-jsx',
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    // So that no build has to be up to date.
    customConditions: ['mindfuse:source'],
    allowImportingTsExtensions: true,
  }
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions, include: ['*.tsx'] }),
  )
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const printed = await new Promise<string>((resolve) =>
    execFile(process.execPath, [tsc, '-p', folder], { cwd: folder }, (_error, out) => resolve(out)),
  )
  expect(printed).toBe('')
})

/** What each example in the README shows in the end. */
const SHOWN = [
  '0 clicks, saved. Also here: Alan',
  'online',
  'Alan🎉',
  'Reference',
  'SUBSCRIBED: me, no news',
]

test.for(SHOWN.map((text, index) => [index, text] as const))(
  'example %i in the README shows “%s”',
  async ([index, text], { folder, show, options, client, boardId, his }) => {
    await client.api.boards.update(boardId, { name: 'Reference' })
    const { workspaceId } = await client.api.boards.get(boardId)
    his.presence.update({ cursor: { x: 1, y: 2 } })
    const module: Record<string, ComponentType<ExampleProps>> = await import(
      join(folder, `example-${index}.tsx`)
    )
    const Example = Object.values(module)[0] as ComponentType<ExampleProps>
    const page = show(
      <StrictMode>
        <Example options={options} client={client} boardId={boardId} workspaceId={workspaceId} />
      </StrictMode>,
    )
    await expect.poll(page.text).toContain(text)
  },
)

test('a click in the first example is everybody’s', async ({
  folder,
  show,
  options,
  boardId,
  his,
}) => {
  const { App } = await import(join(folder, 'example-0.tsx'))
  const page = show(<App options={options} boardId={boardId} />)
  await expect.poll(page.text).toContain('0 clicks, saved')
  page.element.querySelector('button')?.click()
  await expect.poll(() => his.doc.getArray('clicks').length).toBe(1)
  await expect.poll(page.text).toContain('1 clicks, saved')
})

test('the README names every hook', () => {
  expect(
    Object.keys(hooks).filter(
      (name) => !README.includes(`\`${name}(`) && !README.includes(`<${name} `),
    ),
  ).toEqual([])
})
