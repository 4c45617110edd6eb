import { randomUUID } from 'node:crypto'
import { eventually } from '@mindfuse/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { IMPLEMENTATIONS, type Subject } from './implementations.ts'

describe.each(Object.keys(IMPLEMENTATIONS))('the event bus %s', (name) => {
  let subject: Subject
  beforeAll(async () => {
    subject = await IMPLEMENTATIONS[name]!()
  })
  afterAll(() => subject.close())

  /** Messages that carry `mark`: other tests share the server and its one channel. */
  function hear(mark: string, from: Subject['one'] = subject.other) {
    const heard: string[] = []
    const end = from.events.subscribe((message) => message.includes(mark) && heard.push(message))
    return { heard, end }
  }

  test('tells every subscriber of every instance, this one included, in any script', async () => {
    const mark = randomUUID()
    const listeners = [hear(mark, subject.one), hear(mark), hear(mark)]
    await subject.one.events.publish(`${mark} 白板 🖊`)
    for (const { heard } of listeners) {
      await eventually('it is heard', () => heard.length > 0)
      expect(heard).toEqual([`${mark} 白板 🖊`])
    }
  })

  test('hands a message on after publish has begun, never within it', async () => {
    const mark = randomUUID()
    const { heard } = hear(mark, subject.one)
    const publishing = subject.one.events.publish(mark)
    expect(heard).toEqual([])
    await publishing
    await eventually('it is heard', () => heard.length === 1)
  })

  test('an ended subscription receives nothing more; the others still do', async () => {
    const mark = randomUUID()
    const [first, second] = [hear(mark), hear(mark)]
    first.end()
    first.end()
    await subject.one.events.publish(mark)
    await eventually('the second hears it', () => second.heard.length === 1)
    expect(first.heard).toEqual([])
  })
})
