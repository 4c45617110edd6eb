import { randomUUID } from 'node:crypto'
import { BEARER_SUBPROTOCOL_PREFIX, SUBPROTOCOL } from '@mindfuse/protocol'
import {
  ACCESS_TOKEN_ALGORITHM,
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_ISSUER,
  ACCESS_TOKEN_TYPE,
} from '@mindfuse/service-kit/access-tokens'
import { importJWK, SignJWT } from 'jose'
import type pg from 'pg'
import { parseUpdateMeta } from 'yjs'
import type { Backend, Gateway } from '../backend.ts'
import { onServerCore } from './cores.ts'
import { EMPTY_STEP_1, type Layout, MINDFUSE, NO_PREFIX, type Target } from './targets.ts'

/** Longer than any run. */
const TOKEN_LIFE_SECONDS = 3_600

/** How long edits may take to be stored once all have been sent, milliseconds. */
const SAVE_TIMEOUT_MS = 10_000
const SAVE_CHECK_MS = 200

/** Boards that people may draw on, made for one measurement. */
interface Boards {
  ids: readonly string[]
  idOf(person: number): string
  tokenOf(person: number): Promise<string>
}

/**
 * Makes boards, and people with a session and the rights of an editor, in the database: what
 * a sign-in and an invitation leave there. Tens of thousands through the API would take minutes.
 */
async function makeBoards(
  pool: pg.Pool,
  { boards, perBoard }: Layout,
  document?: Uint8Array,
): Promise<Boards> {
  const ids = (count: number) => Array.from({ length: count }, () => randomUUID())
  const people = ids(boards * perBoard)
  const boardIds = ids(boards)
  const boardOf = (person: number) => boardIds[Math.floor(person / perBoard)] ?? ''
  await pool.query(
    `INSERT INTO users (id, email, name, oauth_provider, oauth_id)
     SELECT id, id || '@example.com', 'Person ' || n, 'bench', id
     FROM unnest($1::uuid[]) WITH ORDINALITY AS person(id, n)`,
    [people],
  )
  // A session has the id of its person.
  await pool.query(
    `INSERT INTO sessions (id, user_id, token, expires_at)
     SELECT id, id, id, now() + interval '1 day' FROM unnest($1::uuid[]) AS person(id)`,
    [people],
  )
  await pool.query(
    `WITH workspace AS (
       INSERT INTO workspaces (name, type, owner_id) VALUES ('Bench', 'team', $2) RETURNING id
     ), board AS (
       INSERT INTO boards (id, workspace_id, name, created_by)
       SELECT board.id, workspace.id, 'Board', $2 FROM workspace, unnest($1::uuid[]) AS board(id)
     )
     SELECT`,
    [boardIds, people[0]],
  )
  // The document lies there as compaction leaves it.
  await pool.query(
    `INSERT INTO board_documents (board_id, seq, snapshot, snapshot_seq)
     SELECT unnest($1::uuid[]), $2, $3, $2`,
    [boardIds, document ? 1 : 0, document ? Buffer.from(document) : null],
  )
  await pool.query(
    `INSERT INTO board_members (board_id, user_id, role)
     SELECT board_id, user_id, 'editor' FROM unnest($1::uuid[], $2::uuid[]) AS m(board_id, user_id)`,
    [people.map((_, person) => boardOf(person)), people],
  )
  const sign = await createSigner(pool)
  return {
    ids: boardIds,
    idOf: boardOf,
    tokenOf: (person) => sign(people[person] ?? '', `Person ${person}`),
  }
}

/** Signs access tokens as the API does, with its key. */
async function createSigner(pool: pg.Pool) {
  const { rows } = await pool.query(
    'SELECT kid, private_jwk FROM signing_keys ORDER BY activates_at DESC LIMIT 1',
  )
  const [{ kid, private_jwk }] = rows
  const key = await importJWK(private_jwk, ACCESS_TOKEN_ALGORITHM)
  const issuedAt = Math.floor(Date.now() / 1_000)
  return (userId: string, name: string) =>
    new SignJWT({ sid: userId, name })
      .setProtectedHeader({ alg: ACCESS_TOKEN_ALGORITHM, typ: ACCESS_TOKEN_TYPE, kid })
      .setIssuer(ACCESS_TOKEN_ISSUER)
      .setAudience(ACCESS_TOKEN_AUDIENCE)
      .setSubject(userId)
      .setJti(randomUUID())
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + TOKEN_LIFE_SECONDS)
      .sign(key)
}

/** How Mindfuse is started. */
export interface MindfuseOptions {
  /** Gateways, all on the server's core; people connect to them by turns. */
  gateways?: number
  /** Connects as our own client does, with text frames. */
  hasText?: boolean
  /** What is stored of each board before anybody opens it, a Yjs update. */
  document?: Uint8Array
  /** Arguments for Node. */
  nodeArguments?: readonly string[]
}

/**
 * Mindfuse as it runs, with every check, stored in PostgreSQL and relayed through the Redis protocol:
 * a fresh gateway on its core, and fresh boards.
 */
export function mindfuse(backend: Backend, options: MindfuseOptions = {}): Target {
  const { gateways: count = 1, hasText = false, nodeArguments = [] } = options
  return {
    name: hasText ? `${MINDFUSE}, whiteboard.v1` : MINDFUSE,
    async start(layout) {
      const { pool } = backend
      const boards = await makeBoards(pool, layout, options.document)
      const gateways: Gateway[] = []
      for (let i = 0; i < count; i++) {
        gateways.push(
          await backend.startGateway((...args) => onServerCore(...nodeArguments, ...args)),
        )
      }
      return {
        pids: gateways.map(({ pid }) => pid),
        async addressOf(person) {
          const { port } = gateways[person % count] ?? { port: 0 }
          const url = `ws://127.0.0.1:${port}/ws/${boards.idOf(person)}`
          const token = await boards.tokenOf(person)
          if (!hasText) return { url: `${url}?token=${token}` }
          return { url, protocols: [SUBPROTOCOL, `${BEARER_SUBPROTOCOL_PREFIX}${token}`] }
        },
        prefixOf: () => NO_PREFIX,
        greetings: () => [EMPTY_STEP_1],
        answersSync: true,
        countSaved: (expected) => countSaved(pool, boards.ids, expected),
        async stop() {
          for (const gateway of gateways) await gateway.stop()
        },
      }
    },
  }
}

/** Waits until so many edits are in PostgreSQL, or no more come. An edit is one clock of its client. */
async function countSaved(pool: pg.Pool, boardIds: readonly string[], expected: number) {
  const deadline = performance.now() + SAVE_TIMEOUT_MS
  for (;;) {
    const { rows } = await pool.query<{ update: Buffer }>(
      `SELECT snapshot AS update FROM board_documents
       WHERE board_id = ANY($1) AND snapshot IS NOT NULL
       UNION ALL SELECT update FROM board_updates WHERE board_id = ANY($1)`,
      [boardIds],
    )
    const clocks = new Map<number, number>()
    for (const { update } of rows) {
      for (const [client, clock] of parseUpdateMeta(update).to) {
        clocks.set(client, Math.max(clock, clocks.get(client) ?? 0))
      }
    }
    const saved = [...clocks.values()].reduce((sum, clock) => sum + clock, 0)
    if (saved >= expected || performance.now() > deadline) return saved
    await new Promise((resolve) => setTimeout(resolve, SAVE_CHECK_MS))
  }
}
