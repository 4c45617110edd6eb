import { eventually } from '@mindfuse/testing'
import { type Doc, encodeStateVector } from 'yjs'
import type { Board } from './board.ts'
import { type Edit, fingerprint, idsIn } from './edits.ts'
import type { Tab } from './tab.ts'

/** How long all may take to be well again once nothing is broken any more, milliseconds. */
export const HEAL_WITHIN_MS = 20_000

/** How many come to a board for the first time then, each to whichever gateway takes it. */
const NEWCOMERS = 2

/**
 * The edits that somebody was told are saved and that a document does not show. Where a removal
 * was tried and not acknowledged, either is right.
 *
 * @param saved what was said to be saved before the document was read
 * @param edits all that was drawn until after it was
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

/** What is wrong with what Postgres holds of a board right now, whatever else is broken. */
export async function auditStored(board: Board): Promise<string[]> {
  const saved = savedOf(board)
  const doc = await eventually('PostgreSQL can be read', () => board.stored(), HEAL_WITHIN_MS)
  return describeLost('PostgreSQL', lostEdits(saved, board.edits, doc), doc)
}

/**
 * Waits until everybody on a board is connected, has everything saved, and sees the same as
 * clients that come new, and as Postgres has it.
 *
 * @returns what is wrong then, or still
 */
export async function checkHealed(board: Board, withinMs = HEAL_WITHIN_MS): Promise<string[]> {
  const deadline = performance.now() + withinMs
  const left = () => Math.max(0, deadline - performance.now())
  const { tabs } = board
  const fresh: ReturnType<Board['openFresh']>[] = []
  try {
    await eventually('all are settled', () => settle(tabs), left())
    for (let i = 0; i < NEWCOMERS; i++) fresh.push(board.openFresh())
    const everybody = [...tabs, ...fresh]
    await eventually('all have come', () => fresh.every(({ isSettled }) => isSettled), left())
    await eventually('all see the same', () => agree(everybody.map(({ doc }) => doc)), left())
    const seen = tabs[0]?.doc as Doc
    const stored = await eventually(
      'PostgreSQL holds what all see',
      async () => {
        const doc = await board.stored()
        return fingerprint(doc) === fingerprint(seen) ? doc : undefined
      },
      left(),
    )
    return [
      ...describeLost('everybody’s screen', lostEdits(savedOf(board), board.edits, seen), seen),
      ...describeLost('PostgreSQL', lostEdits(savedOf(board), board.edits, stored), stored),
    ]
  } catch (error) {
    return [`${(error as Error).message}\n${await describe(board, fresh)}`]
  } finally {
    for (const tab of fresh) tab.kill()
  }
}

/**
 * Whether all tabs are connected and have everything saved. Who was told that the board is gone looks
 * again: that may have been asked before the board came back, and be told after.
 */
function settle(tabs: readonly Tab[]): boolean {
  const others = tabs.filter(({ isSettled }) => !isSettled)
  for (const tab of others) tab.comeBack()
  return others.length === 0
}

function agree(docs: readonly Doc[]): boolean {
  // Far cheaper than to look at all, and nearly always enough to say no.
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
  const everybody = [...board.tabs, ...fresh]
  const all = new Set(everybody.flatMap(({ doc }) => [...idsIn(doc)]))
  const missing = (doc: Doc) => [...all].filter((id) => !idsIn(doc).has(id))
  return [
    ...everybody.map(
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
