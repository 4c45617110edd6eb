import { randomUUID } from 'node:crypto'
import { eventually } from '@mindfuse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { IMPLEMENTATIONS, type Subject } from './implementations.ts'

describe.each(Object.keys(IMPLEMENTATIONS))('the relay %s', (name) => {
  let subject: Subject
  beforeAll(async () => {
    subject = await IMPLEMENTATIONS[name]!()
  })
  afterAll(() => subject.close())

  async function hear(boardId: string, from: Subject['one'] = subject.other) {
    const heard: Uint8Array[] = []
    const end = await from.relay.subscribe(boardId, (message) => heard.push(message.slice()))
    return { heard, end }
  }

  test('carries bytes as they are to every gateway, the sender included', async () => {
    const boardId = randomUUID()
    const [own, others] = [await hear(boardId, subject.one), await hear(boardId)]
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i)
    await subject.one.relay.publish(boardId, bytes)
    for (const { heard } of [own, others]) {
      await eventually('it is heard', () => heard.length === 1)
      expect([...heard[0]!]).toEqual([...bytes])
    }
  })

  test('takes an empty message, and one of a megabyte', async () => {
    const boardId = randomUUID()
    const { heard } = await hear(boardId)
    await subject.one.relay.publish(boardId, new Uint8Array())
    await subject.one.relay.publish(boardId, new Uint8Array(2 ** 20).fill(7))
    await eventually('both are heard', () => heard.length === 2)
    expect(heard.map(({ length }) => length)).toEqual([0, 2 ** 20])
  })

  test('the sender may use its memory again at once', async () => {
    const boardId = randomUUID()
    const { heard } = await hear(boardId)
    const bytes = Uint8Array.of(1)
    const sending = subject.one.relay.publish(boardId, bytes)
    bytes[0] = 2
    await sending
    await eventually('it is heard', () => heard.length === 1)
    expect(heard[0]![0]).toBe(1)
  })

  test('keeps the order of one sender', async () => {
    const boardId = randomUUID()
    const { heard } = await hear(boardId)
    const numbers = Array.from({ length: 200 }, (_, i) => i)
    await Promise.all(
      numbers.map((i) => subject.one.relay.publish(boardId, Uint8Array.of(i >> 8, i & 255))),
    )
    await eventually('all are heard', () => heard.length === numbers.length)
    expect(heard.map(([high = 0, low = 0]) => high * 256 + low)).toEqual(numbers)
  })

  test('keeps boards apart', async () => {
    const [boardId, otherBoard] = [randomUUID(), randomUUID()]
    const [mine, others] = [await hear(boardId), await hear(otherBoard)]
    await subject.one.relay.publish(otherBoard, Uint8Array.of(1))
    await subject.one.relay.publish(boardId, Uint8Array.of(2))
    await eventually('both are heard', () => mine.heard.length + others.heard.length === 2)
    expect(mine.heard[0]![0]).toBe(2)
    expect(others.heard[0]![0]).toBe(1)
  })

  test('an ended subscription receives nothing more, the others still do, and it can be renewed', async () => {
    const boardId = randomUUID()
    const [first, second] = [await hear(boardId), await hear(boardId)]
    first.end()
    first.end()
    await subject.one.relay.publish(boardId, Uint8Array.of(1))
    await eventually('the second hears it', () => second.heard.length === 1)
    expect(first.heard).toEqual([])

    second.end()
    const third = await hear(boardId)
    await subject.one.relay.publish(boardId, Uint8Array.of(2))
    await eventually('the third hears it', () => third.heard.length === 1)
    expect(second.heard.length).toBe(1)
  })
})
