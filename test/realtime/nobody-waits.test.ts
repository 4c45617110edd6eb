import { openDatabase } from '@mindfuse/api'
import { encodeUpdate, MAX_UPDATE_BYTES } from '@mindfuse/protocol'
import { createBoard, eventually, type SignedIn, startTcpProxy } from '@mindfuse/testing'
import { sql } from 'kysely'
import { describe, expect, inject } from 'vitest'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { syncDocument } from '../support/continuous-edits.ts'
import { testWith } from '../support/fixtures.ts'
import { pickPort } from '../support/ports.ts'
import { startProcess } from '../support/process.ts'
import { startSavedPen } from '../support/saved-pen.ts'

const MEBIBYTE = 1024 * 1024

/** Within this time 99 of 100 edits of a healthy board are saved, milliseconds. */
const SAVED_TARGET_MS = 1_000

/** How many healthy boards there are. */
const PENS = 3

const test = testWith({ gateways: 0 })
  /** A gateway and an API as processes, and the line between them. */
  .extend('line', async ({ stack, startGateway, atEnd }) => {
    const port = await pickPort()
    const api = startProcess('apps/api/dist/main.js', {
      API_HOST: '127.0.0.1',
      API_PORT: `${port}`,
      DATABASE_URL: stack.database.url,
      REDIS_URL: inject('redisUrl'),
      INTERNAL_SECRET: stack.internalSecret,
      GOOGLE_CLIENT_ID: 'test',
      GOOGLE_CLIENT_SECRET: 'test',
      MIGRATE: '0',
    })
    atEnd(() => api.stop())
    await api.untilPrinted(/api ready/)
    const proxy = await startTcpProxy(`http://127.0.0.1:${port}`)
    atEnd(() => proxy.stop())
    const gateway = await startGateway({ apiUrl: `http://127.0.0.1:${proxy.port}` })
    return { proxy, gateway }
  })
  /** A board of a person's own, and a connection to it. */
  .extend('own', ({ line, stack, clients, person }) => async (name: string) => {
    const who: SignedIn = await person(name)
    const boardId = await createBoard(stack.apiUrl, who.accessToken)
    const connect = () => clients.whiteboard(line.gateway.realtimeUrl, who, boardId)
    return { boardId, connect, client: await connect() }
  })
  /** Draws on healthy boards until `work` ends. @returns how long their edits took to be saved */
  .extend('meanwhile', ({ own, atEnd, annotate }) => async (work: () => Promise<unknown>) => {
    const pens = await Promise.all(
      Array.from({ length: PENS }, async (_, i) => startSavedPen((await own(`pen-${i}`)).client)),
    )
    atEnd(() => {
      for (const pen of pens) pen.destroy()
    })
    await work()
    for (const pen of pens) pen.stop()
    const all = () => pens.flatMap(({ savedMs }) => savedMs).toSorted((a, b) => a - b)
    const unsaved = () => pens.reduce((sum, pen) => sum + pen.unsaved, 0)
    const late = unsaved()
    await eventually('the rest is saved', () => unsaved() === 0, 60_000)
    const savedMs = all()
    const at = (part: number) => Math.round(savedMs[Math.floor(part * (savedMs.length - 1))] ?? 0)
    const rejected = pens.reduce((sum, pen) => sum + pen.rejected, 0)
    const figures = {
      edits: savedMs.length,
      p50: at(0.5),
      p99: at(0.99),
      max: at(1),
      late,
      rejected,
    }
    await annotate(JSON.stringify(figures))
    return figures
  })

/** An edit of a client of its own, of about so many bytes. */
function largeEdit(bytes: number): Uint8Array {
  const doc = new Doc()
  doc.getMap('shapes').set('text', 'x'.repeat(bytes))
  return encodeStateAsUpdate(doc)
}

const SAVED_IN_TIME = {
  p99: expect.toSatisfy((ms: number) => ms < SAVED_TARGET_MS),
  rejected: 0,
}

describe('the edits of a board are saved within a second while', () => {
  test('STORE-17: another has 16 MiB to store, over a line of 1 MiB/s', {
    timeout: 180_000,
  }, async ({ line, own, meanwhile }) => {
    const { client } = await own('paster')
    syncDocument(client)
    line.proxy.limit(MEBIBYTE)
    const figures = await meanwhile(async () => {
      client.socket.send(encodeUpdate(largeEdit(MAX_UPDATE_BYTES - 100)))
      await client.heard('sync:ack', ({ saved }) => saved === 2, 40_000)
    })
    line.proxy.limit(Number.POSITIVE_INFINITY)
    expect(figures).toMatchObject(SAVED_IN_TIME)
  })

  test('STORE-19: the row of another is locked', { timeout: 180_000 }, async ({
    stack,
    own,
    meanwhile,
    atEnd,
  }) => {
    const { boardId, client } = await own('locked')
    const doc = syncDocument(client)
    await client.heard('sync:ack', ({ saved }) => saved === 1)
    const pool = openDatabase({ url: stack.database.url, poolSize: 4, onError: () => undefined })
    atEnd(() => pool.close())
    const figures = await meanwhile(() =>
      pool.db.transaction().execute(async (tx) => {
        await sql`SET LOCAL idle_in_transaction_session_timeout = 0`.execute(tx)
        await sql`SELECT FROM board_documents WHERE board_id = ${boardId} FOR UPDATE`.execute(tx)
        doc.getMap('shapes').set('a', 1)
        for (let i = 0; i < 20; i++) await sql`SELECT pg_sleep(1)`.execute(tx)
        expect(client.messages.some((it) => it.type === 'sync:ack' && it.saved > 1)).toBe(false)
      }),
    )
    await client.heard('sync:ack', ({ saved }) => saved === 2)
    expect(figures).toMatchObject(SAVED_IN_TIME)
  })

  test('STORE-17: others receive edits of 1 MiB as fast as they come', {
    timeout: 180_000,
  }, async ({ own, meanwhile }) => {
    const flooding = await Promise.all(Array.from({ length: 12 }, (_, i) => own(`flood-${i}`)))
    const figures = await meanwhile(async () => {
      const endsAt = performance.now() + 10_000
      await Promise.all(
        flooding.map(async ({ client }) => {
          let sent = 0
          const acknowledged = () =>
            client.messages.findLast((it) => it.type === 'sync:ack')?.received ?? 0
          while (performance.now() < endsAt && !client.closed) {
            client.socket.send(encodeUpdate(largeEdit(MEBIBYTE)))
            sent++
            await eventually(
              'the edit is received',
              () => client.closed || acknowledged() >= sent,
              60_000,
            )
          }
        }),
      )
    })
    // The clients of the flood share this process, so how long it takes says as much about them.
    expect(figures).toMatchObject({
      rejected: 0,
      late: expect.toSatisfy((n: number) => n < PENS * 20),
    })
  })
})
