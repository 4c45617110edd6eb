import { eventually } from '@mindfuse/testing'
import { type Doc, encodeStateVector } from 'yjs'
import type { Board } from './board.ts'
import { type Edit, fingerprint, idsIn } from './edits.ts'
import { STARTS_WITHIN_MS } from './postgres.ts'
import type { Tab } from './tab.ts'

/** How long recovery may take once nothing is broken, milliseconds. */
export const HEAL_WITHIN_MS = 20_000

/** How many new clients join a board then, each on a random gateway. */
const NEWCOMERS = 2

/**
 * The edits that were acknowledged as saved and that a document lacks. After a removal that was not
 * acknowledged, either state is right.
 *
 * @param saved what was acknowledged before the document was read
 * @param edits everything drawn until after it was read
 */
export function lostEdits(saved: readonly Edit[], edits: readonly Edit[], doc: Doc): string[] {
  const present = idsIn(doc)
  const removed = new Set(edits.filter(({ kind }) => kind === 'remove').map(({ id }) => id))
  return saved
    .filter(({ kind, id }) =>
      kind === 'add' ? !removed.has(id) && !present.has(id) : present.has(id),
    )
    .map(({ kind, id }) => (kind === 'add' ? id : `the removal of ${id}`))
}

const savedOf = (board: Board) => board.edits.filter(({ isSaved }) => isSaved)

/** What is wrong with what PostgreSQL holds of a board now, whatever else is broken. */
export async function auditStored(board: Board): Promise<string[]> {
  const saved = savedOf(board)
  const doc = await eventually('PostgreSQL can be read', () => board.stored(), STARTS_WITHIN_MS)
  return describeLost('PostgreSQL', lostEdits(saved, board.edits, doc), doc)
}

/**
 * Waits until all clients of a board are connected, have everything saved, and have the same document
 * as new clients and as PostgreSQL.
 *
 * @returns what is still wrong
 */
export async function checkHealed(board: Board, withinMs = HEAL_WITHIN_MS): Promise<string[]> {
  const deadline = performance.now() + withinMs
  const left = () => Math.max(0, deadline - performance.now())
  const { tabs } = board
  const fresh: ReturnType<Board['openFresh']>[] = []
  try {
    await eventually('all are settled', () => settle(tabs), left())
    for (let i = 0; i < NEWCOMERS; i++) fresh.push(board.openFresh())
    const all = [...tabs, ...fresh]
    await eventually(
      'the new clients are in sync',
      () => fresh.every(({ isSettled }) => isSettled),
      left(),
    )
    await eventually('all have the same document', () => agree(all.map(({ doc }) => doc)), left())
    const seen = tabs[0]?.doc as Doc
    const stored = await eventually(
      'PostgreSQL has the same document',
      async () => {
        const doc = await board.stored()
        return fingerprint(doc) === fingerprint(seen) ? doc : undefined
      },
      left(),
    )
    return [
      ...describeLost('the clients’ documents', lostEdits(savedOf(board), board.edits, seen), seen),
      ...describeLost('PostgreSQL', lostEdits(savedOf(board), board.edits, stored), stored),
    ]
  } catch (error) {
    return [`${(error as Error).message}\n${await describe(board, fresh)}`]
  } finally {
    for (const tab of fresh) tab.kill()
  }
}

/**
 * Whether all tabs are connected and have everything saved. A tab that was told that the board does not
 * exist reconnects: the answer may be from before the board was back.
 */
function settle(tabs: readonly Tab[]): boolean {
  const others = tabs.filter(({ isSettled }) => !isSettled)
  for (const tab of others) tab.comeBack()
  return others.length === 0
}

function agree(docs: readonly Doc[]): boolean {
  // Far cheaper than comparing everything, and nearly always enough for a no.
  const [first, ...others] = docs.map((doc) => sortedStateVector(doc))
  if (others.some((stateVector) => stateVector !== first)) return false
  const [seen, ...others2] = docs.map(fingerprint)
  return others2.every((other) => other === seen)
}

function sortedStateVector(doc: Doc): string {
  return [...doc.store.clients]
    .map(([client, structs]) => {
      const last = structs[structs.length - 1]
      return `${client}:${last ? last.id.clock + last.length : 0}`
    })
    .sort()
    .join()
}

async function describe(board: Board, fresh: readonly { doc: Doc; state: string; name: string }[]) {
  const stored = await board.stored()
  const clients = [...board.tabs, ...fresh]
  const all = new Set(clients.flatMap(({ doc }) => [...idsIn(doc)]))
  const missing = (doc: Doc) => [...all].filter((id) => !idsIn(doc).has(id))
  return [
    ...clients.map(
      ({ name, state, doc }) =>
        `${name}: ${state}; lacks ${quote(missing(doc))}${describePending(doc)}; ` +
        `${encodeStateVector(doc).length} bytes of state vector`,
    ),
    `PostgreSQL lacks ${quote(missing(stored))}${describePending(stored)}`,
    ...describeLost('PostgreSQL', lostEdits(savedOf(board), board.edits, stored), stored),
    `stored: ${await board.storedNumbers()}`,
  ].join('\n')
}

function describeLost(where: string, lost: readonly string[], doc: Doc): string[] {
  if (lost.length === 0) return []
  return [`${lost.length} saved edits are not in ${where}${describePending(doc)}: ${quote(lost)}`]
}

function describePending({ store }: Doc): string {
  const missing = store.pendingStructs?.missing
  return missing ? ` (edits wait for clients ${[...missing.keys()]})` : ''
}

function quote(ids: readonly string[]): string {
  return ids.length > 10 ? `${ids.slice(0, 10).join(', ')}, …` : ids.join(', ') || 'nothing'
}
