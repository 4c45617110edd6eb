/** An event as it came. */
export interface ServerSentEvent {
  name: string
  data: string
}

/** What a parser finds. */
export interface ParserEvents {
  event(event: ServerSentEvent): void
  /** The position that is reached with what came so far. */
  id(id: string): void
  /** How long the server asks to wait before coming back, milliseconds. */
  retry(ms: number): void
}

/**
 * Takes `text/event-stream` apart, in whatever pieces it comes.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
 *
 * @returns takes the next piece
 */
export function createEventParser(found: ParserEvents): (piece: string) => void {
  let rest = ''
  let name = ''
  let data: string[] = []
  let id: string | undefined

  const dispatch = () => {
    if (data.length > 0) found.event({ name: name || 'message', data: data.join('\n') })
    // After its event: whoever fails in between is told it again.
    if (id !== undefined) found.id(id)
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
    else if (field === 'retry' && /^\d+$/.test(value)) found.retry(Number(value))
  }

  return (piece) => {
    const lines = `${rest}${piece}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) readLine(line.endsWith('\r') ? line.slice(0, -1) : line)
  }
}
