import { expect, test } from 'vitest'
import { type OnStop, startInSteps } from './start-in-steps.ts'

function recorder() {
  const stopped: string[] = []
  const step = (onStop: OnStop, name: string, failure?: Error) =>
    onStop(async () => {
      stopped.push(name)
      if (failure) throw failure
    })
  return { stopped, step }
}

test('what was started is stopped in the reverse order, once', async () => {
  const { stopped, step } = recorder()
  const service = await startInSteps(async (onStop) => {
    step(onStop, 'database')
    step(onStop, 'app')
    return { port: 1 }
  })
  expect(service.port).toBe(1)
  expect(stopped).toEqual([])
  await service.stop()
  await service.stop()
  expect(stopped).toEqual(['app', 'database'])
})

test('a step that fails stops those before it, and is what the caller learns of', async () => {
  const { stopped, step } = recorder()
  const failure = new Error('the port is taken')
  const starting = startInSteps(async (onStop) => {
    step(onStop, 'database')
    step(onStop, 'app', new Error('cannot be stopped'))
    throw failure
  })
  await expect(starting).rejects.toBe(failure)
  expect(stopped).toEqual(['app', 'database'])
})

test('a step that fails to stop keeps no other from it', async () => {
  const { stopped, step } = recorder()
  const failure = new Error('cannot be stopped')
  const service = await startInSteps(async (onStop) => {
    step(onStop, 'database')
    step(onStop, 'app', failure)
    return {}
  })
  await expect(service.stop()).rejects.toBe(failure)
  expect(stopped).toEqual(['app', 'database'])
})
