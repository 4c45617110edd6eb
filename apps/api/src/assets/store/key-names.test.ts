import { randomBytes, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { keyOf, pathOf, SHARDS } from './key-names.ts'

const key = { digest: randomBytes(32).toString('hex'), id: randomUUID() }
const [shard = '', name = ''] = pathOf(key).split('/')

test('a key is read from the path that it has', () => {
  expect(SHARDS).toContain(shard)
  expect(keyOf(shard, name)).toEqual(key)
})

test.for([
  ['another shard', shard === '00' ? '01' : '00', name],
  ['a digest that is cut', shard, name.slice(1)],
  ['no id', shard, key.digest],
  ['upper case', shard, name.toUpperCase()],
  ['something behind it', shard, `${name}.part`],
  ['nothing', '', ''],
] as const)('%s is no key', ([_, wrongShard, wrongName]) => {
  expect(keyOf(wrongShard, wrongName)).toBeUndefined()
})
