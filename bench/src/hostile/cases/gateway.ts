import type { Socket } from 'node:net'
import { encodeSyncStep1, encodeSyncStep2, encodeUpdate } from '@mindfuse/protocol'
import { encodeClientFrame, itemsInRow } from '@mindfuse/testing'
import type WebSocket from 'ws'
import { Doc, encodeStateAsUpdate } from 'yjs'
import { type Attack, type Connection, largeDocument, sleep, summarize } from '../attack.ts'
import { deletesOf, stateVectorOf } from '../updates.ts'

const MEGABYTE = 1_000_000
const MEBIBYTE = 1024 * 1024
const EDIT_BYTES = 900_000

/** How long people send edits as fast as they can, milliseconds. */
const FLOOD_MS = 10_000

/** A whole frame: the type says all. */
const QUERY_AWARENESS = Uint8Array.of(3)

/** What connections can do to a gateway. */
export const GATEWAY_CASES = {
  '6 45 diffs of 30 MB, unread': async (attack: Attack) => {
    const known = new Doc()
    known.clientID = 7
    known.getMap('m').set('a', 1)
    const boardId = await attack.board(largeDocument(30 * MEGABYTE))
    const first = await attack.connect(boardId)
    await attack.send(first, [encodeUpdate(encodeStateAsUpdate(known))])
    await sleep(1_000)
    const connections = await connectMany(attack, 45, boardId)
    for (const { socket } of connections) {
      socket.pause()
      socket.send(encodeSyncStep1(Uint8Array.of(1, 7, 1)))
    }
    await sleep(10_000)
    return ends(connections)
  },

  '6 state vectors of 16 MB': async (attack: Attack) => {
    const frame = encodeSyncStep1(stateVectorOf(3_200_000))
    const connections = await connectMany(attack, 5, await attack.board())
    for (const { socket } of connections) socket.send(frame)
    await sleep(5_000)
    return ends(connections)
  },

  '3 deletes in the structs of 2,000,000 clients': async (attack: Attack) => {
    const connection = await attack.connect(await attack.board())
    const frames = [0, 1, 2, 3].map((i) => encodeSyncStep2(deletesOf(500_000, i * 500_000)))
    const answer = await attack.send(connection, frames)
    await sleep(5_000)
    return answer
  },

  '6 long edits without anything new': async (attack: Attack) => {
    const frame = encodeSyncStep2(itemsInRow('maps', 7, 300_000))
    const connections = await connectMany(attack, 10, await attack.board())
    const answers = await Promise.all(
      connections.map((connection) =>
        attack.send(
          connection,
          Array.from({ length: 50 }, () => frame),
        ),
      ),
    )
    await sleep(5_000)
    return `${summarize(answers)}; ${ends(connections)}`
  },

  '7 awareness queried 2,000 times a second': async (attack: Attack) => {
    const connection = await attack.connect(await attack.board())
    for (let i = 0; i < 100 && connection.closeCode === undefined; i++) {
      for (let j = 0; j < 100; j++) connection.socket.send(QUERY_AWARENESS)
      await sleep(50)
    }
    return ends([connection])
  },

  '7 joins of a channel of 100 states of 4 KiB': async (attack: Attack) => {
    const topic = `board:${await attack.board()}`
    const connections = await Promise.all(
      Array.from({ length: 100 }, () => attack.connectToChannels()),
    )
    const sayAll = (type: string, more: object = {}) => {
      for (const { socket } of connections) socket.send(JSON.stringify({ type, topic, ...more }))
    }
    // What they receive would take the attacker's time.
    for (const { socket } of connections) socket.removeAllListeners('message')
    sayAll('channel:join')
    await sleep(1_000)
    const until = Date.now() + FLOOD_MS
    while (Date.now() < until) {
      sayAll('channel:presence', { state: 'x'.repeat(4_000) })
      sayAll('channel:leave')
      sayAll('channel:join')
      await sleep(50)
    }
    return ends(connections)
  },

  '10 15 boards of 30 MB': async (attack: Attack) => {
    const document = largeDocument(30 * MEGABYTE)
    const answers: string[] = []
    for (let i = 0; i < 15; i++) {
      const boardId = await attack.board(document)
      const connection = await attack.connect(boardId).catch((error: Error) => error.message)
      if (typeof connection === 'string') answers.push(connection)
      else {
        await sleep(1_000)
        answers.push(ends([connection]))
      }
    }
    return summarize(answers)
  },

  '11 180 MB of edits': async (attack: Attack) => {
    const boards = [await attack.board(), await attack.board(), await attack.board()]
    const connections = await Promise.all(boards.map((boardId) => attack.connect(boardId)))
    const answers = await Promise.all(
      connections.map((connection) => attack.send(connection, edits(60 * MEGABYTE))),
    )
    await sleep(5_000)
    return `${summarize(answers)}; ${ends(connections)}`
  },

  '11 12 people with edits of 1 MiB': async (attack: Attack) => {
    const people = await Promise.all(Array.from({ length: 12 }, () => attack.other()))
    const sent = await Promise.all(people.map(editAsReceived))
    return `${sent.reduce((sum, edits) => sum + edits, 0)} received`
  },

  '12 two edits of 15 MB that 80 connections do not read': async (attack: Attack) => {
    const boardId = await attack.board()
    const writer = await attack.connect(boardId)
    const readers = await connectMany(attack, 80, boardId)
    for (const { socket } of readers) {
      socket.send(encodeSyncStep1(Uint8Array.of(0)))
      await sleep(10)
      socket.pause()
    }
    const answer = await attack.send(writer, edits(30 * MEGABYTE, 15 * MEGABYTE))
    await sleep(10_000)
    return `${answer}; ${ends(readers)}`
  },

  '12 100 unfinished frames of 16 MB': async (attack: Attack) => {
    const connections = await connectMany(attack, 100, await attack.board())
    const head = encodeClientFrame(new Uint8Array(16 * MEGABYTE)).subarray(0, 15 * MEGABYTE)
    for (const { socket } of connections) {
      tcpSocketOf(socket).write(head)
      await sleep(100)
    }
    await sleep(5_000)
    return ends(connections)
  },
}

/** The TCP socket below: the library sends whole frames only. */
const tcpSocketOf = (socket: WebSocket) => (socket as unknown as { _socket: Socket })._socket

async function connectMany(attack: Attack, count: number, boardId: string): Promise<Connection[]> {
  const connections: Connection[] = []
  for (let i = 0; i < count; i++) connections.push(await attack.connect(boardId))
  return connections
}

/** Sends each edit once the one before is received. @returns how many */
async function editAsReceived(attack: Attack): Promise<number> {
  const connection = await attack.connect(await attack.board())
  const received = () =>
    Number(connection.received.findLast(({ type }) => type === 'sync:ack')?.received ?? 0)
  const until = Date.now() + FLOOD_MS
  let sent = 0
  for (const edit of edits(Number.POSITIVE_INFINITY, MEBIBYTE)) {
    connection.socket.send(edit)
    sent++
    while (received() < sent && connection.closeCode === undefined && Date.now() < until) {
      await sleep(1)
    }
    if (connection.closeCode !== undefined || Date.now() >= until) return received()
  }
  return sent
}

/** What became of connections. */
function ends(connections: readonly Connection[]): string {
  return summarize(
    connections.map(({ closeCode }) => (closeCode === undefined ? 'open' : `closed ${closeCode}`)),
  )
}

/** Edits that add up to so many bytes. */
function* edits(bytes: number, each = EDIT_BYTES): Generator<Uint8Array> {
  for (let sent = 0; sent < bytes; sent += each) {
    const doc = new Doc()
    doc.getMap('shapes').set(`edit-${sent}`, 'x'.repeat(each))
    yield encodeUpdate(encodeStateAsUpdate(doc))
  }
}
