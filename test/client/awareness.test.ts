import type { Board, Client } from '@mindfuse/client'
import { connectStockClient, eventually, type SignedIn, type StockClient } from '@mindfuse/testing'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createTeam } from '../support/people.ts'
import { connectSdk, draw, shapesOf } from '../support/sdk.ts'
import { type Stack, startStack } from '../support/stack.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

let stack: Stack
let proxy: TcpProxy
let ada: SignedIn
let alan: SignedIn
let newBoard: () => Promise<string>
let board: Board
let stock: StockClient
const clients: Client[] = []

beforeAll(async () => {
  stack = await startStack()
  proxy = await startTcpProxy({ port: Number(new URL(stack.realtimeUrl).port) })
  const team = await createTeam(stack, 2)
  ;[ada, alan] = team.people as [SignedIn, SignedIn]
  newBoard = team.newBoard
})
afterAll(async () => {
  await proxy.stop()
  await stack.stop()
})
beforeEach(async () => {
  const boardId = await newBoard()
  const client = connectSdk({ ...stack, realtimeUrl: `ws://127.0.0.1:${proxy.port}/ws` }, ada)
  clients.push(client)
  board = client.board(boardId)
  await board.whenSynced()
  const { realtimeUrl } = stack
  stock = connectStockClient({ realtimeUrl, boardId, token: alan.accessToken })
  await stock.synced()
})
afterEach(async () => {
  stock.destroy()
  await Promise.all(clients.splice(0).map((client) => client.close()))
})

const sheSees = (name: string) => board.awareness.getStates().get(stock.doc.clientID)?.name === name
const heSees = (name: string) =>
  stock.provider.awareness.getStates().get(board.doc.clientID)?.name === name

test('bindings of the SDK and of the stock provider see each other', async () => {
  stock.provider.awareness.setLocalState({ name: 'Alan' })
  board.awareness.setLocalState({ name: 'Ada' })
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
  draw(board, 'a')
  await eventually('and what the other draws', () => stock.doc.getMap('shapes').has('a'))
  stock.doc.getMap('shapes').set('b', true)
  await eventually('both ways', () => shapesOf(board).b)
})

test('who is there before one first asks is seen too', async () => {
  stock.provider.awareness.setLocalState({ name: 'Alan' })
  await eventually('the gateway knows', () => stock.provider.awareness.getLocalState()?.name)
  await eventually('she sees him', () => sheSees('Alan'))
})

test('after a reconnect each sees the other again, without anybody moving', async () => {
  stock.provider.awareness.setLocalState({ name: 'Alan' })
  board.awareness.setLocalState({ name: 'Ada' })
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
  let wentAway = false
  stock.provider.awareness.on('change', ({ removed }: { removed: number[] }) => {
    wentAway ||= removed.includes(board.doc.clientID)
  })
  proxy.cut()
  await eventually('he saw her go', () => wentAway)
  await eventually('each sees the other', () => sheSees('Alan') && heSees('Ada'))
})

test('a state that changes 1,000 times in a moment closes no connection, and the newest arrives', async () => {
  const { status } = board
  for (let i = 0; i <= 1_000; i++) {
    board.awareness.setLocalState({ name: `Ada ${i}` })
    if (i % 100 === 0) await new Promise(setImmediate)
  }
  await eventually('he sees the newest', () => heSees('Ada 1000'))
  expect(board.status).toBe(status)
})

test('a state over its limit is told here and not sent', async () => {
  const errors: string[] = []
  board.on('error', ({ code }) => errors.push(code))
  const { status } = board
  board.awareness.setLocalState({ name: 'x'.repeat(5_000) })
  await eventually('it is told', () => errors.includes('awareness_too_large'))
  board.awareness.setLocalState({ name: 'Ada' })
  await eventually('he sees the next', () => heSees('Ada'))
  expect(board.status).toBe(status)
})

test('who closes the board is gone for the others at once', async () => {
  board.awareness.setLocalState({ name: 'Ada' })
  await eventually('he sees her', () => heSees('Ada'))
  await board.close()
  await eventually('he sees her go', () => !heSees('Ada'))
})
