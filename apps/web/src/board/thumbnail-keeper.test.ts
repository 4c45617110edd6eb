import { beforeEach, expect, test, vi } from 'vitest'
import { ThumbnailKeeper } from './thumbnail-keeper.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000

/** A board whose pictures say how many edits they show. */
let edits: number
let drawMs: number
let drawn: number
let sent: (string | undefined)[]
let edit: () => void
let send: (text: string | undefined) => Promise<void>
let document: EventTarget & { visibilityState: DocumentVisibilityState }
let window: EventTarget
let keeper: ThumbnailKeeper

const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const show = (visibilityState: DocumentVisibilityState) => {
  document.visibilityState = visibilityState
  document.dispatchEvent(new Event('visibilitychange'))
}

beforeEach(({ onTestFinished }) => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  ;[edits, drawMs, drawn, sent] = [0, 0, 0, []]
  send = async (text) => void sent.push(text)
  document = Object.assign(new EventTarget(), { visibilityState: 'visible' as const })
  window = new EventTarget()
  const texts = new WeakMap<Blob, string>()
  keeper = new ThumbnailKeeper(
    {
      onChange(listener) {
        edit = () => {
          edits++
          listener()
        }
        return () => {
          edit = () => void edits++
        }
      },
      async draw() {
        drawn++
        const text = `${edits}`
        if (drawMs > 0) await later(drawMs)
        if (edits < 0) throw new Error('it cannot be drawn')
        if (text === '0') return undefined
        const picture = new Blob([text])
        texts.set(picture, text)
        return picture
      },
      send: (picture) => send(picture && texts.get(picture)),
    },
    { document, window },
  )
})

test('a picture is drawn soon after an edit, and sent', async () => {
  edit()
  await vi.advanceTimersByTimeAsync(499)
  expect(drawn).toBe(0)
  await vi.advanceTimersByTimeAsync(1)
  expect([drawn, sent]).toEqual([1, ['1']])
})

test('a board that nobody edits here is neither drawn nor sent', async () => {
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  show('hidden')
  window.dispatchEvent(new Event('pagehide'))
  await keeper.close()
  expect([drawn, sent]).toEqual([0, []])
})

test('while the board is drawn on, pictures are drawn every few seconds and sent once a minute', async () => {
  for (let second = 0; second < 180; second++) {
    edit()
    await vi.advanceTimersByTimeAsync(SECOND_MS)
  }
  expect(drawn).toBeGreaterThan(40)
  expect(drawn).toBeLessThanOrEqual(60)
  expect(sent).toHaveLength(3)
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
  expect(sent.at(-1)).toBe('180')
})

test('pictures that take long to draw are drawn less often', async () => {
  drawMs = 500
  for (let second = 0; second < 60; second++) {
    edit()
    await vi.advanceTimersByTimeAsync(SECOND_MS)
  }
  expect(drawn).toBeGreaterThan(3)
  expect(drawn).toBeLessThanOrEqual(7)
})

test.for(['visibilitychange', 'pagehide'] as const)(
  'a page that is left sends what is drawn within %s, once',
  async (event) => {
    edit()
    await vi.advanceTimersByTimeAsync(SECOND_MS)
    edit()
    await vi.advanceTimersByTimeAsync(4 * SECOND_MS)
    expect(sent).toEqual(['1'])
    if (event === 'pagehide') window.dispatchEvent(new Event('pagehide'))
    else show('hidden')
    expect(sent).toEqual(['1', '2'])
    show('hidden')
    window.dispatchEvent(new Event('pagehide'))
    await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
    expect(sent).toEqual(['1', '2'])
  },
)

test('a page that is only hidden draws and sends the last edits too', async () => {
  edit()
  await vi.advanceTimersByTimeAsync(SECOND_MS)
  edit()
  show('hidden')
  await vi.advanceTimersByTimeAsync(0)
  expect(sent).toEqual(['1', '2'])
  show('visible')
  edit()
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  expect(sent).toEqual(['1', '2', '3'])
})

test('closing draws what is there at that moment, and waits until it is sent', async () => {
  edit()
  await vi.advanceTimersByTimeAsync(500)
  drawMs = 300
  edit()
  let isClosed = false
  const closed = keeper.close().then(() => {
    isClosed = true
  })
  edits = 100
  await vi.advanceTimersByTimeAsync(299)
  expect([isClosed, sent]).toEqual([false, ['1']])
  await vi.advanceTimersByTimeAsync(1)
  await closed
  expect(sent).toEqual(['1', '2'])
  edit()
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
  expect(drawn).toBe(2)
})

test('closing while an older picture is drawn sends the newest last', async () => {
  drawMs = 300
  edit()
  await vi.advanceTimersByTimeAsync(600)
  edit()
  const closed = keeper.close()
  await vi.advanceTimersByTimeAsync(SECOND_MS)
  await closed
  expect(sent.at(-1)).toBe('2')
})

test('an empty board is sent as one', async () => {
  edits = -1
  edit()
  await vi.advanceTimersByTimeAsync(SECOND_MS)
  expect(sent).toEqual([undefined])
})

test('what could not be sent is sent with the next, or when the page is left', async () => {
  send = async () => Promise.reject(new Error('offline'))
  edit()
  await vi.advanceTimersByTimeAsync(SECOND_MS)
  send = async (text) => void sent.push(text)
  show('hidden')
  expect(sent).toEqual(['1'])
})

test('what could not be drawn is left to the next edit', async () => {
  edits = -10
  edit()
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  show('hidden')
  expect([drawn, sent]).toEqual([1, []])
  edits = 5
  edit()
  await vi.advanceTimersByTimeAsync(MINUTE_MS)
  expect(sent).toEqual(['6'])
})
