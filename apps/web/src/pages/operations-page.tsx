import type { Reply } from '@mindfuse/client'
import { type ReactNode, useCallback, useEffect } from 'react'
import type { App } from '../app/app.ts'
import { paths } from '../app/router.ts'
import { SiteHeader } from '../app/site-header.tsx'
import { useLive } from '../app/use-live.ts'
import { useTitle } from '../app/use-title.ts'
import type { PlainKey } from '../language/catalogue.ts'
import { useMessages } from '../language/language.ts'
import { messageOf } from '../ui/toast.ts'
import { duration, megabytes, percent, quantity, shortTime, stateText } from './instance-text.ts'
import { refusedPage } from './simple-pages.tsx'

type Instances = Reply<'GET /api/admin/instances'>
type Api = Instances['apis'][number]
type Gateway = Instances['gateways'][number]
type Instance = Api | Gateway

/** How often it is read anew, milliseconds: instances report every two seconds. */
const REFRESH_MS = 3_000

/** A column of a table: its heading, and what is in it. */
type Column<Row> = [heading: PlainKey, cell: (row: Row, locale: string) => ReactNode]

const COMMON: Column<Instance>[] = [
  ['operations.state', (instance) => <State instance={instance} />],
  ['operations.version', ({ version }) => version],
  ['operations.upFor', ({ upSeconds }, locale) => duration(upSeconds, locale)],
  ['operations.core', (instance, locale) => percent(instance.eventLoopUtilization, locale)],
  ['operations.memory', ({ memoryBytes }, locale) => megabytes(memoryBytes, locale)],
]

const GATEWAY: Column<Gateway>[] = [
  ...COMMON,
  ['operations.connections', ({ connections }, locale) => quantity(connections, locale)],
  ['operations.rooms', ({ rooms }, locale) => quantity(rooms, locale)],
  ['operations.messages', (gateway, locale) => quantity(gateway.messagesPerSecond, locale)],
  ['operations.edits', ({ editsPerSecond }, locale) => quantity(editsPerSecond, locale)],
  [
    'operations.storing',
    ({ storeSeconds }, locale) => (storeSeconds === null ? '–' : shortTime(storeSeconds, locale)),
  ],
  ['operations.unsaved', ({ unsavedBytes }, locale) => megabytes(unsavedBytes, locale)],
  ['operations.oldest', (gateway, locale) => shortTime(gateway.oldestUnsavedSeconds, locale)],
]

const API: Column<Api>[] = [
  ...COMMON,
  ['operations.requests', ({ requestsPerSecond }, locale) => quantity(requestsPerSecond, locale)],
  ['operations.eventStreams', ({ eventStreams }, locale) => quantity(eventStreams, locale)],
  ['operations.documentJobs', ({ documentJobs }, locale) => quantity(documentJobs, locale)],
  ['operations.waitingForDatabase', (api, locale) => quantity(api.waitingForDatabase, locale)],
  ['operations.publishingLag', (api, locale) => shortTime(api.publishingLagSeconds, locale)],
]

/** How all instances are, for administrators; read again every few seconds. */
export default function OperationsPage({ app }: { app: App }) {
  const { text } = useMessages()
  useTitle(text('operations.title'))
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
          <h1>{text('operations.title')}</h1>
          <span className="spacer" />
          <a className="button quiet" href={paths.home}>
            {text('trash.back')}
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
          error === undefined && <p className="hint">{text('boards.loading')}</p>
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
  const { text, locale } = useMessages()
  const sum = (read: (gateway: Gateway) => number) =>
    gateways.reduce((total, gateway) => total + read(gateway), 0)
  const connections = sum((gateway) => gateway.connections)
  const messages = sum((gateway) => gateway.messagesPerSecond)
  const edits = sum((gateway) => gateway.editsPerSecond)
  const unsavedBytes = sum((gateway) => gateway.unsavedBytes)
  const figures: [name: PlainKey, value: string][] = [
    ['operations.connections', quantity(connections, locale)],
    ['operations.messages', quantity(messages, locale)],
    ['operations.edits', quantity(edits, locale)],
    ['operations.unsaved', megabytes(unsavedBytes, locale)],
    ['operations.toMerge', quantity(queues.boardsToMerge, locale)],
    ['operations.failedMerges', quantity(queues.boardsFailing, locale)],
    ['operations.quarantined', quantity(queues.quarantined, locale)],
  ]
  return (
    <div className="operations">
      {!isComplete && <p className="problem">{text('operations.incomplete')}</p>}
      <dl className="figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{text(name)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Table name={text('operations.gateways')} columns={GATEWAY} rows={gateways} />
      <Table name={text('operations.apis')} columns={API} rows={apis} />
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
  const { text, locale } = useMessages()
  return (
    <div className="table-scroll">
      <table>
        <caption>{name}</caption>
        <thead>
          <tr>
            {columns.map(([heading]) => (
              <th key={heading} scope="col">
                {text(heading)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.id}>
              {columns.map(([heading, cell]) => (
                <td key={heading}>{cell(row, locale)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function State({ instance }: { instance: Instance }) {
  const { text, isGood } = stateText(instance, useMessages())
  return <span className={isGood ? 'good' : 'bad'}>{text}</span>
}
