import { type IncomingMessage, request } from 'node:http'
import { eventually } from '@mindfuse/testing'

/** An event of a stream as it came. */
export interface StreamEvent {
  /** The last event id with it, as a browser would have it. */
  lastEventId: string
  name: string
  data: any
}

/** A reader of `GET /api/events`, by the letter of the HTML standard, which does not reconnect. */
export interface EventStream {
  status: number
  headers: Record<string, string | string[] | undefined>
  /** The body where it is no stream. */
  problem: any
  events: StreamEvent[]
  comments: number
  /** The server's last reconnect delay, milliseconds. */
  retryMs: number | undefined
  lastEventId: string
  isEnded: boolean
  /** The updates of a kind, as `type` and `data`. */
  updates(name: string): { type: string; data: any }[]
  until(what: string, condition: (event: StreamEvent) => unknown): Promise<StreamEvent>
  untilEnded(timeoutMs?: number): Promise<void>
  /** Stops reading from the connection. */
  stall(): void
  close(): void
}

/** Opens a stream. Resolves once there is an answer. */
export async function openEvents(
  apiUrl: string,
  options: {
    token?: string
    query?: Record<string, string>
    headers?: Record<string, string>
    lastEventId?: string
  } = {},
): Promise<EventStream> {
  const url = new URL('/api/events', apiUrl)
  for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.set(name, value)
  const sent = request(url, {
    agent: false,
    headers: {
      ...(options.token && { authorization: `Bearer ${options.token}` }),
      ...(options.lastEventId !== undefined && { 'last-event-id': options.lastEventId }),
      ...options.headers,
    },
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject).end()
  })
  sent.on('error', () => undefined)
  const stream: EventStream = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    problem: undefined,
    events: [],
    comments: 0,
    retryMs: undefined,
    lastEventId: '',
    isEnded: false,
    updates: (name) =>
      stream.events
        .filter((event) => event.name === name)
        .map(({ data: { type, data } }) => ({ type, data })),
    until: (what, condition) => eventually(what, () => stream.events.find(condition)),
    untilEnded: async (timeoutMs) => {
      await eventually('the stream has ended', () => stream.isEnded, timeoutMs)
    },
    stall: () => void response.pause(),
    close: () => void sent.destroy(),
  }
  const end = () => {
    stream.isEnded = true
  }
  response.on('error', end).on('close', end).setEncoding('utf8')
  if (stream.status !== 200) {
    let text = ''
    for await (const piece of response) text += piece
    stream.problem = JSON.parse(text)
    return stream
  }
  let rest = ''
  response.on('data', (piece: string) => {
    const blocks = `${rest}${piece}`.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) readBlock(stream, block)
  })
  return stream
}

function readBlock(stream: EventStream, block: string): void {
  let name = 'message'
  let data: string | undefined
  for (const line of block.split('\n')) {
    const at = line.indexOf(':')
    const value = line.slice(at + 1).replace(/^ /, '')
    switch (line.slice(0, at)) {
      case '':
        stream.comments++
        break
      case 'retry':
        stream.retryMs = Number(value)
        break
      case 'id':
        stream.lastEventId = value
        break
      case 'event':
        name = value
        break
      case 'data':
        data = value
    }
  }
  if (data === undefined) return
  stream.events.push({ lastEventId: stream.lastEventId, name, data: JSON.parse(data) })
}
