import { setImmediate } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { createTurns, shareOf, tooManyOf } from './turns.ts'

const turnsOf = (connections: number) =>
  createTurns({ atOnce: shareOf(connections), tooMany: tooManyOf('changes') })

/** Work that goes on until it is finished from outside, and what of it has begun. */
function jobs(inTurn: ReturnType<typeof createTurns>) {
  const begun: string[] = []
  const ends = new Map<string, (error?: Error) => void>()
  const start = (person: string, name: string) =>
    inTurn(person, () => {
      begun.push(name)
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (error) => (error ? reject(error) : resolve(name)))
      })
    })
  const finish = async (name: string, error?: Error) => {
    ends.get(name)?.(error)
    await setImmediate()
  }
  return { begun, start, finish }
}

test('a third of the connections is for the changes of one person, in the order they came', async () => {
  const { begun, start, finish } = jobs(turnsOf(6))
  const changes = ['a1', 'a2', 'a3', 'a4'].map((name) => start('ada', name))
  void start('bea', 'b1')
  await setImmediate()
  expect(begun).toEqual(['a1', 'a2', 'b1'])

  await finish('a2')
  expect(begun).toEqual(['a1', 'a2', 'b1', 'a3'])
  await finish('a1')
  await finish('a3')
  await finish('a4')
  expect(await Promise.all(changes)).toEqual(['a1', 'a2', 'a3', 'a4'])
})

test('a change that fails gives its turn to the next', async () => {
  const { begun, start, finish } = jobs(turnsOf(1))
  const failing = start('ada', 'a1')
  void start('ada', 'a2')
  await Promise.all([expect(failing).rejects.toThrow('failed'), finish('a1', new Error('failed'))])
  expect(begun).toEqual(['a1', 'a2'])
})

test('beyond 1,000 that wait, a person is refused; others are not', async () => {
  // Nobody waits for those that are left.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { begun, start } = jobs(turnsOf(1))
    for (let i = 0; i <= 1_000; i++) void start('ada', `a${i}`)
    await expect(start('ada', 'one more')).rejects.toMatchObject({
      status: 429,
      code: 'too_many_changes',
    })
    void start('bea', 'b1')
    await setImmediate()
    expect(begun).toEqual(['a0', 'b1'])
  } finally {
    vi.useRealTimers()
  }
})

test('what waits for too long is refused, and takes no turn afterwards', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const { begun, start, finish } = jobs(turnsOf(1))
    void start('ada', 'a1')
    const late = expect(start('ada', 'a2')).rejects.toMatchObject({
      status: 503,
      code: 'overloaded',
      retryAfterSeconds: 5,
    })
    vi.advanceTimersByTime(10_000)
    await late
    const next = start('ada', 'a3')
    await finish('a1')
    await finish('a3')
    expect(await next).toBe('a3')
    expect(begun).toEqual(['a1', 'a3'])
  } finally {
    vi.useRealTimers()
  }
})
