/** A server-sent event. */
export interface ServerSentEvent {
  name: string
  data: string
}

/** What a parser reports. */
export interface ParserEvents {
  event(event: ServerSentEvent): void
  /** The position in the stream after this event. */
  id(id: string): void
  /** The reconnect delay that the server asks for, milliseconds. */
  retry(ms: number): void
}

/**
 * Parses `text/event-stream`, however it is split.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 *
 * @returns a function that takes the next piece
 */
export function createEventParser(events: ParserEvents): (piece: string) => void {
  let rest = ''
  let name = ''
  let data: string[] = []
  let id: string | undefined

  const dispatch = () => {
    if (data.length > 0) events.event({ name: name || 'message', data: data.join('\n') })
    // After its event: if handling that fails, the server sends it again.
    if (id !== undefined) events.id(id)
    name = ''
    data = []
    id = undefined
  }

  const readLine = (line: string) => {
    if (line === '') return dispatch()
    const at = line.indexOf(':')
    const field = at < 0 ? line : line.slice(0, at)
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '')
    if (field === 'event') name = value
    else if (field === 'data') data.push(value)
    else if (field === 'id') id = value
    else if (field === 'retry' && /^\d+$/.test(value)) events.retry(Number(value))
  }

  return (piece) => {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) readLine(line.endsWith('\r') ? line.slice(0, -1) : line)
  }
}
