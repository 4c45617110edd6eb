import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Operation {
  operationId?: string
  summary?: string
  responses: Record<string, { description?: string }>
}

const { paths } = JSON.parse(readFileSync('apps/api/openapi.json', 'utf8')) as {
  paths: Record<string, Record<string, Operation>>
}
const operations = Object.entries(paths).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]) => ({
    name: `${method.toUpperCase()} ${path}`,
    ...operation,
  })),
)

test('every operation has an id of its own', () => {
  const ids = operations.map(({ operationId }) => operationId)
  expect(ids.filter((id) => !/^[a-z][a-zA-Z]+$/.test(id ?? ''))).toEqual([])
  expect(new Set(ids).size).toBe(ids.length)
})

test.each(operations)('$name says in words what it does and what it answers', (operation) => {
  expect(operation.summary).toMatch(/^[A-Z].+[^.]$/)
  const descriptions = Object.values(operation.responses).map(({ description }) => description)
  expect(descriptions.length).toBeGreaterThan(1)
  for (const description of descriptions) {
    expect(description).toMatch(/^[A-Z]/)
    expect(description).not.toBe('Default Response')
  }
})
