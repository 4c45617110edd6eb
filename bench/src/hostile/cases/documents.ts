import { encodeUpdate } from '@mindfuse/protocol'
import { escapes, itemsInRow, poison, scatteredClients } from '@mindfuse/testing'
import { type Attack, allAtOnce, largeDocument, sleep } from '../attack.ts'
import { nestedMapsOneByOne } from '../updates.ts'

/** Attacks on the processes that build stored documents. */
export const DOCUMENT_CASES = {
  '1 JSON of 15.5 MB of control characters': async (attack: Attack) => {
    const boardId = await attack.board(escapes(15_500_000))
    return allAtOnce(5, () => attack.call(`/api/boards/${boardId}/export?format=json`))
  },

  '2 maps, 2,000 deep, and their delete': async (attack: Attack) => {
    const { nested, deleted } = poison(2_000)
    const boardId = await attack.board()
    const connection = await attack.connect(boardId)
    const whole = await attack.send(connection, [encodeUpdate(nested), encodeUpdate(deleted)])
    await sleep(1_000)
    const other = await attack.connect(await attack.board())
    const oneByOne = await attack.send(other, nestedMapsOneByOne(2_000).map(encodeUpdate))
    await sleep(1_000)
    const imported = await attack.call(`/api/boards/${boardId}/import`, { body: nested })
    return `${whole}; one by one: ${oneByOne}; import: ${imported}`
  },

  '2 a board poisoned before': async (attack: Attack) => {
    const poisoned = poison(8_000)
    const boardId = await attack.board(poisoned.nested)
    const connection = await attack.connect(boardId)
    const deleted = await attack.send(connection, [encodeUpdate(poisoned.deleted)])
    await sleep(1_000)
    return `delete: ${deleted}; export: ${await attack.call(`/api/boards/${boardId}/export?format=json`)}`
  },

  '3 4,500 and 9,990 clients, scattered': async (attack: Attack) => {
    const boardId = await attack.board()
    const answers: string[] = []
    for (const clients of [4_500, 9_990]) {
      const update = scatteredClients(clients)
      const connection = await attack.connect(boardId)
      answers.push(await attack.send(connection, [encodeUpdate(update)]))
      await sleep(1_000)
      answers.push(await attack.call(`/api/boards/${boardId}/import`, { body: update }))
    }
    const stored = await attack.board(scatteredClients(9_990))
    answers.push(await allAtOnce(3, () => attack.call(`/api/boards/${stored}/export?format=json`)))
    return answers.join('; ')
  },

  '3 900,000 empty maps': async (attack: Attack) => {
    const update = itemsInRow('maps', 7, 900_000)
    const boardId = await attack.board()
    const imported = await attack.call(`/api/boards/${boardId}/import`, { body: update })
    const stored = await attack.board(update)
    const exported = await allAtOnce(3, () =>
      attack.call(`/api/boards/${stored}/export?format=json`),
    )
    return `import: ${imported}; stored before: ${exported}`
  },

  '8 35 exports at once': async (attack: Attack) => {
    const boardId = await attack.board(largeDocument(4_000_000))
    return allAtOnce(35, () => attack.call(`/api/boards/${boardId}/export?format=json`))
  },

  '9 25 downloads of 45 MB, unread': async (attack: Attack) => {
    const boardId = await attack.board(largeDocument(45_000_000))
    const answers = await allAtOnce(25, () =>
      attack.call(`/api/boards/${boardId}/export?format=update`, { isRead: false }),
    )
    await sleep(10_000)
    return answers
  },
}
