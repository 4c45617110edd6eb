/** How long after an edit a thumbnail is drawn at the earliest, milliseconds. */
const SETTLE_MS = 500

/** The least pause between two, and in how many times of what the last one took, milliseconds. */
const MIN_PAUSE_MS = 3_000
const PAUSE_FACTOR = 20

/** How long a page that is never idle may put one off, milliseconds. */
const MAX_IDLE_WAIT_MS = 2_000

/** How often one is sent while the board is drawn on, milliseconds. */
const SEND_EVERY_MS = 60_000

/** What a thumbnail is kept of. */
export interface Subject {
  /** Calls `listener` after each edit that is made here. @returns a function that removes it */
  onChange(listener: () => void): () => void
  /** Draws what is there when it is called; undefined for nothing. */
  draw(): Promise<Blob | undefined>
  /** Sends a thumbnail, or that there is none. The request starts within the call, and outlives the page. */
  send(thumbnail: Blob | undefined): Promise<unknown>
}

/** The page that may be hidden or left. */
export interface LeavablePage {
  document: EventTarget & Pick<Document, 'visibilityState'>
  window: EventTarget
}

/**
 * Keeps the thumbnail of a board that is drawn on. A page that is being left has no time to draw, so a picture is
 * drawn ahead, soon after each edit; it is sent once a minute, and when the page is hidden or left.
 */
export class ThumbnailKeeper {
  readonly #subject: Subject
  readonly #cleanups: (() => void)[]
  #edits = 0
  /** How many of them have been drawn, or could not be. */
  #drawnEdits = 0
  #drawing: { edits: number; done: Promise<void> } | undefined
  /** The newest picture, until it is sent. */
  #unsent: { picture: Blob | undefined } | undefined
  #drawTimer: ReturnType<typeof setTimeout> | undefined
  #drawAfter = 0
  #sendTimer: ReturnType<typeof setTimeout> | undefined
  #sendAfter = 0
  #isClosed = false

  constructor(subject: Subject, page: LeavablePage = globalThis) {
    this.#subject = subject
    const leave = () => void this.#flush()
    const hide = () => {
      if (page.document.visibilityState === 'hidden') leave()
    }
    page.document.addEventListener('visibilitychange', hide)
    page.window.addEventListener('pagehide', leave)
    this.#cleanups = [
      subject.onChange(() => this.#edited()),
      () => page.document.removeEventListener('visibilitychange', hide),
      () => page.window.removeEventListener('pagehide', leave),
    ]
  }

  /** Draws what is not drawn yet, and resolves once that is sent. */
  async close(): Promise<void> {
    this.#isClosed = true
    for (const cleanup of this.#cleanups) cleanup()
    clearTimeout(this.#drawTimer)
    await this.#flush()
    clearTimeout(this.#sendTimer)
  }

  #edited(): void {
    this.#edits++
    this.#planDrawing()
  }

  #planDrawing(): void {
    if (this.#edits === this.#drawnEdits || this.#drawTimer !== undefined) return
    const inMs = Math.max(SETTLE_MS, this.#drawAfter - Date.now())
    this.#drawTimer = setTimeout(() => whenIdle(() => void this.#drawOnTime()), inMs)
  }

  async #drawOnTime(): Promise<void> {
    if (this.#isClosed) return
    await this.#draw()
    this.#drawTimer = undefined
    this.#planSending()
    this.#planDrawing()
  }

  /** Draws what is there when it is called, unless that is drawn. Never rejects. */
  async #draw(): Promise<void> {
    const edits = this.#edits
    if (this.#drawing?.edits !== edits) this.#drawing = { edits, done: this.#drawEdits(edits) }
    await this.#drawing.done
  }

  async #drawEdits(edits: number): Promise<void> {
    const began = Date.now()
    // One that cannot be drawn is left to the next edit.
    const drawn = await this.#subject.draw().then(
      (picture) => ({ picture }),
      () => undefined,
    )
    const now = Date.now()
    this.#drawAfter = now + Math.max(MIN_PAUSE_MS, (now - began) * PAUSE_FACTOR)
    if (edits <= this.#drawnEdits) return
    this.#drawnEdits = edits
    this.#unsent = drawn ?? this.#unsent
  }

  #planSending(): void {
    if (this.#sendTimer !== undefined) return
    const inMs = this.#sendAfter - Date.now()
    if (inMs > 0) this.#sendTimer = setTimeout(() => void this.#send(), inMs)
    else void this.#send()
  }

  /** Sends the newest picture within the call. Never rejects. */
  async #send(): Promise<void> {
    clearTimeout(this.#sendTimer)
    this.#sendTimer = undefined
    const unsent = this.#unsent
    if (!unsent) return
    this.#unsent = undefined
    this.#sendAfter = Date.now() + SEND_EVERY_MS
    try {
      await this.#subject.send(unsent.picture)
    } catch {
      // Sent with the next, unless there is a newer one.
      this.#unsent ??= unsent
    }
  }

  /** What is drawn is sent at once; what is not may still be, where the page goes on. */
  async #flush(): Promise<void> {
    const sent = this.#send()
    if (this.#edits > this.#drawnEdits) await this.#draw()
    await Promise.all([sent, this.#send()])
  }
}

/** Not while the user is drawing, if possible. */
function whenIdle(work: () => void): void {
  if (typeof requestIdleCallback === 'undefined') work()
  else requestIdleCallback(work, { timeout: MAX_IDLE_WAIT_MS })
}
