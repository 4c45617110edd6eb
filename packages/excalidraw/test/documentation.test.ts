import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

test('the examples in the README type-check', async ({ onTestFinished }) => {
  const text = readFileSync(join(ROOT, 'packages/excalidraw/README.md'), 'utf8')
  const examples = [...text.matchAll(/^```tsx?\n(.*?)^```$/gms)].map(([, code = '']) => code)
  expect(examples.length).toBeGreaterThan(2)
  const folder = mkdtempSync(join(tmpdir(), 'mindfuse-examples-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const [index, code] of examples.entries()) {
    writeFileSync(join(folder, `example-${index}.tsx`), code)
  }
  const compilerOptions = {
    module: 'esnext',
    moduleResolution: 'bundler',
    target: 'es2023',
    lib: ['es2023', 'dom', 'dom.iterable'],
    jsx: 'react-jsx',
    // Styles are imported too.
    types: ['vite/client', 'node'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    // So that no build has to be up to date.
    customConditions: ['mindfuse:source'],
    allowImportingTsExtensions: true,
  }
  const config = { compilerOptions, include: ['*.tsx'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
  const printed = await new Promise<string>((resolve) =>
    execFile(process.execPath, [tsc, '-p', folder], { cwd: folder }, (_error, out) => resolve(out)),
  )
  expect(printed).toBe('')
})
