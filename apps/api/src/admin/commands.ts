import { randomUUID } from 'node:crypto'
import { isUuid } from '@mindfuse/internal'
import { StartupError } from '@mindfuse/service-kit'
import { type Actor, NOBODY } from '../changes/actor.ts'
import type { Page, PageQuery } from '../http/pagination.ts'
import type { AdminAuditService } from './audit-service.ts'
import type { BoardsService } from './boards-service.ts'
import type { PeopleService } from './people-service.ts'
import type { QuarantineService } from './quarantine-service.ts'
import type { WorkspacesService } from './workspaces-service.ts'

/** What the command line prints without a command. */
export const HELP = `Usage: npm run --silent admin -- <command> [--reason <text>]

  people [query]                 find people by parts of their email or name, or by id
  person <id>                    their workspaces, sessions and boards
  sign-out <id>                  end all of their sessions
  disable <id>                   the same, and let them start none
  enable <id>                    let them sign in again
  export <id>                    print what is held of them
  erase <id>                     delete their account, and what names their email
  boards [query]                 find boards by parts of their name, or by id
  board <id>                     its size, members and quarantine
  move <board> <workspace>       move a board to another workspace, --force past its quotas
  quota <workspace>              what a workspace uses of its quotas
  set-quota <workspace>          give it --boards <n>, --storage-bytes <n> and --asset-bytes <n> in place of
                                 those that all have, 0 for no limit; what is not named is as everywhere
  make-owner <workspace> <id>    make a person the owner of a team workspace
  quarantine                     boards with parts in quarantine
  requeue <board>                store what is in quarantine again
  audit                          what administrators did, newest first

Reads DATABASE_URL, and quotas from the settings of the API. Prints a line of JSON for each thing that is
found. Acts are audited as done by "cli". Exits with 1 where nothing was done.
`

const PAGE_SIZE = 100

/** What may follow the ids. */
interface Options {
  reason?: string
  force?: boolean
  boards?: string
  'storage-bytes'?: string
  'asset-bytes'?: string
}

/** Does what it is named for, and yields what to print. */
type Command = (args: string[], options: Options) => AsyncIterable<unknown>

/** The commands of {@link HELP} by name. */
export function adminCommands(services: {
  people: PeopleService
  boards: BoardsService
  workspaces: WorkspacesService
  quarantine: QuarantineService
  audit: AdminAuditService
}): Map<string, Command> {
  const { people, boards, workspaces, quarantine, audit } = services
  const actOnPerson =
    (act: 'signOut' | 'disable' | 'enable' | 'erase'): Command =>
    (args, { reason }) => {
      const [personId = ''] = idsOf(args, 1)
      return silent(people[act](commandLine(), { personId, reason }))
    }
  return new Map<string, Command>([
    ['people', ([query = '', ...rest]) => all((page) => people.list({ ...page, query }), rest)],
    ['boards', ([query = '', ...rest]) => all((page) => boards.list({ ...page, query }), rest)],
    ['audit', (args) => all((page) => audit.list(page), args)],
    ['quarantine', (args) => all((page) => quarantine.list(page), args)],
    ['person', (args) => one((id) => people.get(id), args)],
    ['board', (args) => one((id) => boards.get(id), args)],
    [
      'requeue',
      (args, { reason }) =>
        one((boardId) => quarantine.requeue(commandLine(), { boardId, reason }), args),
    ],
    [
      'move',
      (args, { force = false, reason }) => {
        const [boardId = '', workspaceId = ''] = idsOf(args, 2)
        const move = { workspaceId, force, ...(reason !== undefined && { reason }) }
        return silent(boards.move(commandLine(), boardId, move))
      },
    ],
    ['quota', (args) => one((id) => workspaces.usage(id), args)],
    [
      'set-quota',
      (args, { reason, ...limits }) => {
        const quota = {
          ...(reason !== undefined && { reason }),
          maxBoards: limitOf(limits.boards),
          maxStorageBytes: limitOf(limits['storage-bytes']),
          maxAssetBytes: limitOf(limits['asset-bytes']),
        }
        return one((id) => workspaces.setQuota(commandLine(), id, quota), args)
      },
    ],
    ['sign-out', actOnPerson('signOut')],
    ['disable', actOnPerson('disable')],
    ['enable', actOnPerson('enable')],
    ['erase', actOnPerson('erase')],
    [
      'export',
      async function* (args, { reason }) {
        const [personId = ''] = idsOf(args, 1)
        for await (const page of await people.export(commandLine(), { personId, reason })) {
          yield* page
        }
      },
    ],
    [
      'make-owner',
      (args, { reason }) => {
        const [workspaceId = '', personId = ''] = idsOf(args, 2)
        return silent(workspaces.makeOwner(commandLine(), workspaceId, { personId, reason }))
      },
    ],
  ])
}

/** Who acts where nobody has signed in. */
function commandLine(): Actor {
  return {
    userId: NOBODY,
    sessionId: NOBODY,
    ip: null,
    userAgent: null,
    requestId: randomUUID(),
    idempotency: undefined,
  }
}

/** All items of a list, page by page. */
async function* all<Item>(read: (page: PageQuery) => Promise<Page<Item>>, rest: string[]) {
  idsOf(rest, 0)
  let cursor: string | undefined
  do {
    const { items, nextCursor } = await read({ limit: PAGE_SIZE, ...(cursor && { cursor }) })
    yield* items
    cursor = nextCursor ?? undefined
  } while (cursor !== undefined)
}

/** An act prints nothing. */
async function* silent(act: Promise<void>) {
  await act
  yield* []
}

async function* one(read: (id: string) => Promise<unknown>, args: string[]) {
  const [id = ''] = idsOf(args, 1)
  yield await read(id)
}

/** @throws StartupError for what is no number */
function limitOf(text: string | undefined): number | null {
  if (text === undefined) return null
  if (!/^\d{1,15}$/.test(text)) throw new StartupError(`"${text}" is no number`)
  return Number(text)
}

/** @throws StartupError where there are more or fewer arguments, or one is no id */
function idsOf(args: string[], count: number): string[] {
  if (args.length !== count) throw new StartupError(`expected ${count} ids, not ${args.length}`)
  const ids = args.map((arg) => arg.toLowerCase())
  const wrong = ids.find((id) => !isUuid(id))
  if (wrong !== undefined) throw new StartupError(`"${wrong}" is no id`)
  return ids
}
