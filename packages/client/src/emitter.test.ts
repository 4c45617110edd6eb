import { expect, test, vi } from 'vitest'
import { Emitter } from './emitter.ts'

test('a listener is called until it is removed', () => {
  const emitter = new Emitter<{ moved: [x: number]; gone: [] }>()
  const heard: number[] = []
  const stop = emitter.on('moved', (x) => heard.push(x))
  emitter.emit('moved', 1)
  emitter.emit('gone')
  stop()
  emitter.emit('moved', 2)
  expect(heard).toEqual([1])
})

test('a listener that throws does not stop the others, and its error is not swallowed', () => {
  const microtasks: (() => void)[] = []
  const spy = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((task) => {
    microtasks.push(task)
  })
  const emitter = new Emitter<{ moved: [] }>()
  let heard = 0
  emitter.on('moved', () => {
    throw new Error('mine')
  })
  emitter.on('moved', () => heard++)
  emitter.emit('moved')
  spy.mockRestore()
  expect(heard).toBe(1)
  expect(microtasks[0]).toThrow('mine')
})

test('a listener may remove itself while it is called', () => {
  const emitter = new Emitter<{ moved: [] }>()
  const heard: string[] = []
  const stop = emitter.on('moved', () => {
    heard.push('once')
    stop()
  })
  emitter.on('moved', () => heard.push('always'))
  emitter.emit('moved')
  emitter.emit('moved')
  expect(heard).toEqual(['once', 'always', 'always'])
})
