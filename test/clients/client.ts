/** Where a client connects to, and as whom. Crosses into a page, so it is JSON. */
export interface Place {
  /** Ends in `/ws`. */
  realtimeUrl: string
  boardId: string
  token: string
  /** What others see beside the cursor. */
  userName: string
}

/**
 * A client or an editor with a board open, driven as its user and its developer would. Arguments and
 * results cross into a page, so they are JSON. Each module in `bindings/` exports `open`, which returns
 * one.
 */
export interface Client {
  isConnected(): boolean
  /** How often it has connected. */
  connections(): number
  /** Whether it has had the board's document since it connected. */
  isSynced(): boolean
  /** Adds a text, or a shape with it. */
  write(text: string): void | Promise<void>
  /** All texts, in one string. */
  read(): string
  /** Undoes the user's last edit. */
  undo(): void | Promise<void>
  /** Puts the cursor somewhere, or selects something. */
  point(): void | Promise<void>
  /** The names of others whose cursors it shows. */
  pointers(): string[]
  /** Adds a picture, as a data URL where it goes into the document. */
  paste(dataUrl: string): void | Promise<void>
  /** Moves the pointer for some seconds, 144 times a second. @returns where it is at the end */
  sweep(): Promise<number>
  /** Where such pointers of others are. */
  sweeps(): number[]
  /** What the gateway reported: why it refused an edit, or a connection. */
  reports(): string[]
  /** Gives the provider a new access token, as an application would, and connects if it has given up. */
  renew(token: string): void
  close(): void | Promise<void>
}

/** What a module in `bindings/` exports as `open`. */
export type OpenClient = (place: Place) => Client | Promise<Client>

/** A client as a trial drives it, in this process or in a page: everything takes a while. */
export type DrivenClient = {
  [Method in Exclude<keyof Client, 'read'>]: (
    ...args: Parameters<Client[Method]>
  ) => Promise<Awaited<ReturnType<Client[Method]>>>
} & {
  /** Whether its text includes this; only the answer leaves the page. */
  shows(text: string): Promise<boolean>
  /** What went wrong in it, as its console says. */
  complaints(): readonly string[]
}
