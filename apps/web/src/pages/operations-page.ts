import type { Reply } from '@mindfuse/client'
import type { App, Page } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { type Child, fill, h } from '../ui/dom.ts'
import { inTurn } from '../ui/in-turn.ts'
import { messageOf } from '../ui/toast.ts'
import { duration, megabytes, percent, quantity, shortTime, stateText } from './instance-text.ts'
import { refusedPage } from './simple-pages.ts'

type Instances = Reply<'GET /api/admin/instances'>
type Instance = Instances['apis'][number] | Instances['gateways'][number]

/** How often it is read anew, milliseconds: instances report every two seconds. */
const REFRESH_MS = 3_000

/** A column of a table: its heading, and what is in it. */
type Column<Row> = [heading: string, cell: (row: Row) => Child]

const COMMON: Column<Instance>[] = [
  ['State', state],
  ['Version', ({ version }) => version],
  ['Running for', ({ upSeconds }) => duration(upSeconds)],
  ['Core', ({ eventLoopUtilization }) => percent(eventLoopUtilization)],
  ['Memory', ({ memoryBytes }) => megabytes(memoryBytes)],
]

const GATEWAY: Column<Instances['gateways'][number]>[] = [
  ...COMMON,
  ['Connections', ({ connections }) => quantity(connections)],
  ['Open boards', ({ rooms }) => quantity(rooms)],
  ['Messages/s', ({ messagesPerSecond }) => quantity(messagesPerSecond)],
  ['Edits/s', ({ editsPerSecond }) => quantity(editsPerSecond)],
  ['Storing', ({ storeSeconds }) => (storeSeconds === null ? '–' : shortTime(storeSeconds))],
  ['Unsaved', ({ unsavedBytes }) => megabytes(unsavedBytes)],
  ['Oldest', ({ oldestUnsavedSeconds }) => shortTime(oldestUnsavedSeconds)],
]

const API: Column<Instances['apis'][number]>[] = [
  ...COMMON,
  ['Requests/s', ({ requestsPerSecond }) => quantity(requestsPerSecond)],
  ['Event streams', ({ eventStreams }) => quantity(eventStreams)],
  ['Document jobs', ({ documentJobs }) => quantity(documentJobs)],
  ['Wait for database', ({ waitingForDatabase }) => quantity(waitingForDatabase)],
  ['Publishing lag', ({ publishingLagSeconds }) => shortTime(publishingLagSeconds)],
]

/** How all instances are, for administrators; read again every few seconds. */
export function operationsPage(app: App): Page {
  const content = h('div', { class: 'operations' }, h('p', { class: 'hint' }, 'Loading…'))
  const problem = h('p', { class: 'problem', role: 'status', hidden: true })
  const element = h('div', {})

  const load = inTurn(async () => {
    const instances = await app.client.api.request('GET /api/admin/instances')
    problem.hidden = true
    fill(content, ...present(instances))
  })
  const refresh = () => {
    if (document.hidden) return
    load().catch((error) => {
      const refused = refusedPage(error)
      if (refused) {
        clearInterval(timer)
        fill(element, refused.element)
        return
      }
      problem.hidden = false
      fill(problem, messageOf(error))
    })
  }
  const timer = setInterval(refresh, REFRESH_MS)
  document.addEventListener('visibilitychange', refresh)
  refresh()
  fill(
    element,
    h(
      'main',
      { class: 'boards-page' },
      h(
        'div',
        { class: 'list-header' },
        h('h1', {}, 'Operations'),
        h('span', { class: 'spacer' }),
        h('a', { class: 'button quiet', href: paths.home }, 'Back to boards'),
      ),
      problem,
      content,
    ),
  )
  return {
    title: 'Operations',
    element,
    close() {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', refresh)
    },
  }
}

function present({ isComplete, apis, gateways, queues }: Instances): Child[] {
  const sum = (read: (gateway: Instances['gateways'][number]) => number) =>
    gateways.reduce((total, gateway) => total + read(gateway), 0)
  return [
    !isComplete &&
      h(
        'p',
        { class: 'problem' },
        'Dragonfly is away: only instances that reach this API are listed.',
      ),
    h(
      'dl',
      { class: 'figures' },
      ...figure('Connections', quantity(sum(({ connections }) => connections))),
      ...figure('Messages a second', quantity(sum((it) => it.messagesPerSecond))),
      ...figure('Edits a second', quantity(sum(({ editsPerSecond }) => editsPerSecond))),
      ...figure('Unsaved', megabytes(sum(({ unsavedBytes }) => unsavedBytes))),
      ...figure('Boards to merge', quantity(queues.boardsToMerge)),
      ...figure('Merges that failed', quantity(queues.boardsFailing)),
      ...figure('In quarantine', quantity(queues.quarantined)),
    ),
    table('Gateways', GATEWAY, gateways),
    table('APIs', API, apis),
  ]
}

function figure(name: string, value: string): Child[] {
  return [h('div', {}, h('dt', {}, name), h('dd', {}, value))]
}

function table<Row extends Instance>(
  name: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): HTMLElement {
  return h(
    'div',
    { class: 'table-scroll' },
    h(
      'table',
      {},
      h('caption', {}, name),
      h(
        'thead',
        {},
        h('tr', {}, ...columns.map(([heading]) => h('th', { scope: 'col' }, heading))),
      ),
      h(
        'tbody',
        {},
        ...rows.map((row) => h('tr', {}, ...columns.map(([_, cell]) => h('td', {}, cell(row))))),
      ),
    ),
  )
}

function state(instance: Instance): Child {
  const { text, isGood } = stateText(instance)
  return h('span', { class: isGood ? 'good' : 'bad' }, text)
}
