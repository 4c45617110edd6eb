import type { Reply } from '@mindfuse/client'
import { type ReactNode, useCallback, useEffect } from 'react'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { SiteHeader } from '../app/site-header.tsx'
import { useLive } from '../app/use-live.ts'
import { useTitle } from '../app/use-title.ts'
import { messageOf } from '../ui/toast.ts'
import { duration, megabytes, percent, quantity, shortTime, stateText } from './instance-text.ts'
import { refusedPage } from './simple-pages.tsx'

type Instances = Reply<'GET /api/admin/instances'>
type Instance = Instances['apis'][number] | Instances['gateways'][number]

/** How often it is read anew, milliseconds: instances report every two seconds. */
const REFRESH_MS = 3_000

/** A column of a table: its heading, and what is in it. */
type Column<Row> = [heading: string, cell: (row: Row) => ReactNode]

const COMMON: Column<Instance>[] = [
  ['State', (instance) => <State instance={instance} />],
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
export default function OperationsPage({ app }: { app: App }) {
  useTitle('Operations')
  const read = useCallback(() => app.client.api.request('GET /api/admin/instances'), [app])
  const { value: instances, error, reload } = useLive(read, undefined)
  const refused = refusedPage(error)
  useRefresh(reload)
  if (refused) return refused
  return (
    <div className="site">
      <SiteHeader app={app} />
      <main className="boards-page">
        <div className="list-header">
          <h1>Operations</h1>
          <span className="spacer" />
          <a className="button quiet" href={paths.home}>
            Back to boards
          </a>
        </div>
        {error !== undefined && (
          <p className="problem" role="status">
            {messageOf(error)}
          </p>
        )}
        {instances ? (
          <Figures instances={instances} />
        ) : (
          error === undefined && <p className="hint">Loading…</p>
        )}
      </main>
    </div>
  )
}

/** Reads again every so often, while the page is seen. */
function useRefresh(reload: () => void): void {
  useEffect(() => {
    const refresh = () => document.hidden || reload()
    const timer = setInterval(refresh, REFRESH_MS)
    document.addEventListener('visibilitychange', refresh)
    return () => {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', refresh)
    }
  }, [reload])
}

function Figures({ instances: { isComplete, apis, gateways, queues } }: { instances: Instances }) {
  const sum = (read: (gateway: Instances['gateways'][number]) => number) =>
    gateways.reduce((total, gateway) => total + read(gateway), 0)
  const figures: [name: string, value: string][] = [
    ['Connections', quantity(sum(({ connections }) => connections))],
    ['Messages a second', quantity(sum((it) => it.messagesPerSecond))],
    ['Edits a second', quantity(sum(({ editsPerSecond }) => editsPerSecond))],
    ['Unsaved', megabytes(sum(({ unsavedBytes }) => unsavedBytes))],
    ['Boards to merge', quantity(queues.boardsToMerge)],
    ['Merges that failed', quantity(queues.boardsFailing)],
    ['In quarantine', quantity(queues.quarantined)],
  ]
  return (
    <div className="operations">
      {!isComplete && (
        <p className="problem">Dragonfly is away: only instances that reach this API are listed.</p>
      )}
      <dl className="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Table name="Gateways" columns={GATEWAY} rows={gateways} />
      <Table name="APIs" columns={API} rows={apis} />
    </div>
  )
}

function Table<Row extends Instance>({
  name,
  columns,
  rows,
}: {
  name: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
}) {
  return (
    <div className="table-scroll">
      <table>
        <caption>{name}</caption>
        <thead>
          <tr>
            {columns.map(([heading]) => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {columns.map(([heading, cell]) => (
                <td key={heading}>{cell(row)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function State({ instance }: { instance: Instance }) {
  const { text, isGood } = stateText(instance)
  return <span className={isGood ? 'good' : 'bad'}>{text}</span>
}
