import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('the lines that connect a stock provider in README.md are those that the tests run', () => {
  const [, lines = ''] =
    /recipe\n\n( {2}const.*?)\n\n {2}return/s.exec(read('examples/stock-provider.mjs')) ?? []
  expect(lines.split('\n').length).toBeGreaterThan(8)
  expect(read('README.md')).toContain(`\`\`\`js\n${lines.replace(/^ {2}/gm, '')}\n\`\`\`\n`)
})
