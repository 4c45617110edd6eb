import { readFileSync } from 'node:fs'
import { NODE_FLAGS } from '@mindfuse/realtime/node-flags'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(path, 'utf8')
const COMMAND = ['node', ...NODE_FLAGS, '--enable-source-maps', 'apps/realtime/dist/main.js']

test('the script starts a gateway with the flags of node-flags.ts', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  expect(scripts['start:realtime']).toContain(COMMAND.join(' '))
})

test('the image starts a gateway with the flags of node-flags.ts', () => {
  expect(read('Dockerfile.realtime')).toContain(
    `\nCMD [${COMMAND.map((word) => `"${word}"`).join(', ')}]`,
  )
})
