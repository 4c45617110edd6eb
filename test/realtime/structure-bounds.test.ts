import {
  encodeSyncStep2,
  encodeUpdate,
  encodeVarUints,
  MAX_TYPE_DEPTH,
  MAX_UPDATE_PARTS,
} from '@mindfuse/protocol'
import {
  deleteOfFirst,
  eventually,
  itemsInRow,
  moveInArray,
  nestedMaps,
  scatteredClients,
  valuesOfKey,
  type WhiteboardClient,
  weakLink,
} from '@mindfuse/testing'
import { expect } from 'vitest'
import { type Doc, encodeStateAsUpdate, encodeStateVector, Map as YMap } from 'yjs'
import { testWith } from '../support/fixtures.ts'
import { addMember } from '../support/people.ts'

const test = testWith({ gateways: 2 })
  /** A new person in each test: what edits cost counts against the person. */
  .extend('attacker', async ({ stack, boardId, person, task }) => {
    const attacker = await person(`attacker-${task.id}`)
    await addMember(stack, boardId, attacker, 'editor')
    return attacker
  })
  .extend(
    'whiteboard',
    ({ clients, attacker }) =>
      (at = 0, who = attacker, board?: string) =>
        clients.whiteboard(at, who, board),
  )
  /** Someone else, who draws with a stock client and has what others drew. */
  .extend('expectOthersWork', ({ stock }) => async (): Promise<void> => {
    const writer = stock()
    const reader = stock(1)
    await Promise.all([writer.synced(), reader.synced()])
    writer.doc.getMap('shapes').set('drawn', true)
    await eventually('the reader has it', () => reader.doc.getMap('shapes').get('drawn') === true)
  })

/** Sends an edit and returns the code it is rejected with; undefined if it is saved. */
async function fateOf(
  client: WhiteboardClient,
  frame: Uint8Array,
  seq: number,
): Promise<string | undefined> {
  client.socket.send(frame)
  await client.heard('sync:ack', ({ received, saved }) => received >= seq && saved >= seq, 60_000)
  for (const message of client.messages) {
    if (message.type === 'sync:rejected' && message.seq === seq) return message.code
  }
  return undefined
}

/** Nests one map more in the innermost one. @returns the update */
function nestOneMore(doc: Doc): Uint8Array {
  const before = encodeStateVector(doc)
  let map = doc.getMap('shapes')
  while (map.size > 0) map = map.get('a') as typeof map
  map.set('a', new YMap())
  return encodeStateAsUpdate(doc, before)
}

test('LIM-12 BAD-4: 2,000 maps inside each other are rejected, and nobody else is hurt', async ({
  whiteboard,
  expectOthersWork,
  storedUpdates,
}) => {
  const attacker = await whiteboard()
  const doc = nestedMaps(2_000)
  expect(await fateOf(attacker, encodeUpdate(encodeStateAsUpdate(doc)), 1)).toBe('too_complex')
  expect(await storedUpdates()).toBe(0)
  await fateOf(attacker, encodeUpdate(deleteOfFirst(doc.clientID)), 2)
  await expectOthersWork()
  expect(attacker.closed).toBeUndefined()
})

test('LIM-12: levels that arrive one by one are rejected from 200 on', async ({
  whiteboard,
  expectOthersWork,
}) => {
  const attacker = await whiteboard()
  const doc = nestedMaps(MAX_TYPE_DEPTH - 20)
  expect(await fateOf(attacker, encodeUpdate(encodeStateAsUpdate(doc)), 1)).toBeUndefined()
  const fates = new Map<number, string | undefined>()
  for (let levels = MAX_TYPE_DEPTH - 19, seq = 2; levels <= MAX_TYPE_DEPTH + 2; levels++, seq++) {
    fates.set(levels, await fateOf(attacker, encodeUpdate(nestOneMore(doc)), seq))
  }
  // The outermost map lies in none.
  expect(fates.get(MAX_TYPE_DEPTH + 1)).toBeUndefined()
  expect(fates.get(MAX_TYPE_DEPTH + 2)).toBe('too_complex')
  await expectOthersWork()
})

test.for([
  ['structs of 4,500 clients', () => encodeUpdate(scatteredClients(4_500))],
  ['structs of 9,990 clients', () => encodeUpdate(scatteredClients(9_990))],
  ['900,000 empty maps', () => encodeSyncStep2(itemsInRow('maps', 7, 900_000))],
  ['60,000 values of one key', () => encodeUpdate(valuesOfKey(7, 60_000))],
  ['20,000 values, a struct each', () => encodeUpdate(itemsInRow('values', 7, 20_000))],
] as const)(
  'LIM-11: %s in one edit are rejected',
  async ([, frame], { whiteboard, raw, expectOthersWork }) => {
    const attacker = await whiteboard()
    expect(await fateOf(attacker, frame(), 1)).toBe('too_complex')
    const stock = await raw()
    stock.socket.send(frame())
    await eventually('a stock client is told', () => stock.denied().includes('too_complex'))
    await expectOthersWork()
    expect(stock.closed).toBeUndefined()
  },
)

test('LIM-13 BAD-4: 900,000 empty maps in several edits fill the board', async ({ whiteboard }) => {
  const attacker = await whiteboard()
  const most = MAX_UPDATE_PARTS / 3 - 1
  const frame = (client: number) => encodeSyncStep2(itemsInRow('maps', client, Math.floor(most)))
  expect(await fateOf(attacker, frame(7), 1)).toBeUndefined()
  expect(await fateOf(attacker, frame(8), 2)).toBeUndefined()
  expect(await fateOf(attacker, frame(9), 3)).toBe('board_full')
  expect(attacker.closed).toBeUndefined()
})

test('LIM-13 BAD-4: values of one key in several edits fill the board', async ({ whiteboard }) => {
  const attacker = await whiteboard()
  const fates: (string | undefined)[] = []
  for (let edit = 1; edit <= 3; edit++) {
    const frame = encodeUpdate(valuesOfKey(7, 3_000, 3_000 * (edit - 1)))
    fates.push(await fateOf(attacker, frame, edit))
  }
  expect(fates).toEqual([undefined, undefined, 'board_full'])
  expect(attacker.closed).toBeUndefined()
})

test('LIM-17: values that arrive in several edits wait once Yjs would copy too many', async ({
  whiteboard,
}) => {
  const attacker = await whiteboard()
  const fates: (string | undefined)[] = []
  for (let edit = 1; edit <= 3; edit++) {
    const frame = encodeUpdate(itemsInRow('values', 7, 5_000, 5_000 * (edit - 1)))
    fates.push(await fateOf(attacker, frame, edit))
  }
  expect(fates).toEqual([undefined, undefined, 'rate_limited'])
  expect(attacker.closed).toBeUndefined()
})

test('LIM-14: a board that was stored too deep opens, and takes no edits', async ({
  whiteboard,
  stack,
  boardId,
  ada,
  newBoard,
}) => {
  const { query } = stack.database
  const deep = nestedMaps(2_000)
  await query('UPDATE board_documents SET seq = 1 WHERE board_id = $1', [boardId])
  await query('INSERT INTO board_updates (board_id, seq, user_id, update) VALUES ($1, 1, $2, $3)', [
    boardId,
    ada.user.id,
    Buffer.from(encodeStateAsUpdate(deep)),
  ])
  const edit = encodeStateAsUpdate(nestedMaps(1))
  for (const [at, update] of [edit, deleteOfFirst(deep.clientID)].entries()) {
    expect(await fateOf(await whiteboard(at), encodeUpdate(update), 1)).toBe('too_complex')
  }
  const elsewhere = await whiteboard(0, ada, await newBoard())
  expect(await fateOf(elsewhere, encodeUpdate(edit), 1)).toBeUndefined()
})

test('LIM-19 BAD-4: edits that take long and bring nothing new wait for their turn', async ({
  whiteboard,
  alan,
  expectOthersWork,
}) => {
  const attacker = await whiteboard(0, alan)
  const deletes = Array.from({ length: 200_000 }, (_, client) => [client, 1, 0, 1])
  const frame = encodeSyncStep2(encodeVarUints([0, deletes.length, ...deletes.flat()]))
  const count = 100
  for (let i = 0; i < count; i++) attacker.socket.send(frame)
  await attacker.heard('sync:ack', ({ saved }) => saved === count, 60_000)
  const codes = attacker.messages.flatMap((it) => (it.type === 'sync:rejected' ? [it.code] : []))
  expect(new Set(codes)).toEqual(new Set(['rate_limited']))
  expect(codes.length).toBeLessThan(count)
  expect(attacker.closed).toBeUndefined()
  await expectOthersWork()
})

test.for([
  ['a weak link', weakLink],
  ['a move', moveInArray],
] as const)(
  'BAD-9 BAD-4: %s of Yrs is rejected, and nobody else gets it',
  async ([_, update], { whiteboard, expectOthersWork, storedUpdates }) => {
    const client = await whiteboard()
    expect(await fateOf(client, encodeUpdate(update()), 1)).toBe('unsupported_content')
    expect(await fateOf(client, encodeSyncStep2(update()), 2)).toBe('unsupported_content')
    expect(await storedUpdates()).toBe(0)
    await expectOthersWork()
    expect(client.closed).toBeUndefined()
  },
)
