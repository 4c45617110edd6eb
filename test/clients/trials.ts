import { eventually, type TcpProxy } from '@mindfuse/testing'
import type { DrivenClient } from './client.ts'
import { noisePicture } from './picture.ts'

export type UserName = 'Ada' | 'Alan' | 'Vera'

/** One user's window: a client that reaches the gateway through a proxy of its own. */
export interface Window {
  client: DrivenClient
  network: TcpProxy
  /** Opens the board in its place, as a user who reloads; does not wait for the board. */
  reload(): Promise<void>
}

/** What a trial works with: a new board, of which Ada and Alan are editors, and Vera is a viewer. */
export interface Scene {
  /** Opens the board and waits until it is there. */
  open(userName: UserName, token?: string): Promise<Window>
  /** A token of Ada's session that ends soon, and when, milliseconds since 1970. */
  shortLivedToken(): Promise<{ token: string; endsAt: number }>
  /** A token of Ada's session that does not. */
  freshToken: string
  /** Whether the user is signed in where the client runs, so that it needs no token. */
  hasSession: boolean
  /** Whether the client keeps the document over a reload. */
  isPersistent: boolean
  /** What went wrong in the clients so far, as their consoles say. */
  complaints(): readonly string[]
}

/** What a client needs for it to work, which completes "works with …"; nothing where it is missing. */
type Condition = string | undefined

/** How long an edit or a cursor may take to reach the others, milliseconds; the machine may be busy. */
const ARRIVES_MS = 5_000

/** How long a provider may take to notice that it is disconnected, and to connect again, milliseconds. */
const RECONNECTS_MS = 10_000

/**
 * How long users may not see each other after a client is back, milliseconds. A client that renews its state
 * by itself does so every 15 seconds.
 */
const SEEN_AGAIN_MS = 1_000

const shows = ({ client }: Window, text: string, timeoutMs = ARRIVES_MS) =>
  eventually(`${text} is there`, () => client.shows(text), timeoutMs)

const showsPointer = ({ client }: Window, name: string, timeoutMs = ARRIVES_MS) =>
  eventually(
    `the cursor of ${name} is there`,
    async () => (await client.pointers()).includes(name),
    timeoutMs,
  )

/** Until one is there that `isSuch`. */
const showsSweep = ({ client }: Window, what: string, isSuch: (at: number) => boolean) =>
  eventually(what, async () => (await client.sweeps()).some(isSuch), ARRIVES_MS)

const lacksPointer = ({ client }: Window, name: string) =>
  eventually(
    `the cursor of ${name} is gone`,
    async () => !(await client.pointers()).includes(name),
    ARRIVES_MS,
  )

/** Drops the connection, and waits until the client has another and its document is synced. */
async function drop(
  { client, network }: Window,
  whileDisconnected = async (): Promise<unknown> => undefined,
): Promise<void> {
  const before = await client.connections()
  network.refuse()
  await whileDisconnected()
  network.pass()
  await eventually(
    'the client has connected again',
    async () => (await client.connections()) > before && (await client.isSynced()),
    RECONNECTS_MS,
  )
}

const conditionOf = async ({ client }: Window): Promise<Condition> =>
  (await client.connections()) > 1 ? 'a reconnect' : undefined

const isDisconnected = ({ client }: Window) =>
  eventually('the client is disconnected', async () => !(await client.isConnected()), RECONNECTS_MS)

/** The first words: some editors set up an empty document with the first edit, which only one should do. */
async function begin(ada: Window, alan: Window): Promise<void> {
  await ada.client.write('words')
  await shows(alan, 'words')
}

async function draw({ open }: Scene): Promise<Condition> {
  const ada = await open('Ada')
  const alan = await open('Alan')
  await ada.client.write('by-ada')
  await shows(alan, 'by-ada')
  await alan.client.write('by-alan')
  await shows(ada, 'by-alan')
  await ada.reload()
  await shows(ada, 'by-ada')
  await shows(ada, 'by-alan')
  return undefined
}

async function undo({ open }: Scene): Promise<Condition> {
  const ada = await open('Ada')
  const alan = await open('Alan')
  await begin(alan, ada)
  await alan.client.write('by-alan')
  await shows(ada, 'by-alan')
  await ada.client.write('by-ada')
  await shows(alan, 'by-ada')
  await ada.client.undo()
  await eventually('the undo is there', async () => !(await alan.client.shows('by-ada')))
  await shows(alan, 'by-alan')
  return undefined
}

async function cursors({ open }: Scene): Promise<Condition> {
  const ada = await open('Ada')
  const alan = await open('Alan')
  await begin(ada, alan)
  await ada.client.point()
  await showsPointer(alan, 'Ada')
  await ada.client.close()
  await lacksPointer(alan, 'Ada')
  return undefined
}

async function reconnect({ open }: Scene): Promise<Condition> {
  const ada = await open('Ada')
  const alan = await open('Alan')
  await begin(ada, alan)
  await drop(ada)
  await ada.client.write('by-ada')
  await alan.client.write('by-alan')
  await shows(alan, 'by-ada')
  await shows(ada, 'by-alan')
  return undefined
}

async function seenAgain({ open }: Scene): Promise<Condition> {
  const ada = await open('Ada')
  const alan = await open('Alan')
  await begin(ada, alan)
  await ada.client.point()
  await alan.client.point()
  await showsPointer(alan, 'Ada')
  await showsPointer(ada, 'Alan')
  await drop(ada, () => lacksPointer(alan, 'Ada'))
  await Promise.all([
    showsPointer(alan, 'Ada', SEEN_AGAIN_MS),
    showsPointer(ada, 'Alan', SEEN_AGAIN_MS),
  ])
  return undefined
}

async function fastPointer({ open }: Scene): Promise<Condition> {
  const ada = await open('Ada')
  const alan = await open('Alan')
  await begin(ada, alan)
  let isOver = false
  const end = ada.client.sweep().finally(() => {
    isOver = true
  })
  await showsSweep(alan, 'the pointer is there', () => true)
  const [first = 0] = await alan.client.sweeps()
  // A browser that is busy may show nothing before the end.
  await showsSweep(alan, 'the pointer moves', (at) => at > first || isOver)
  const last = await end
  await showsSweep(alan, 'the pointer is where it stopped', (at) => at === last)
  return conditionOf(ada)
}

async function tokenEnd({
  open,
  shortLivedToken,
  freshToken,
  hasSession,
}: Scene): Promise<Condition> {
  const alan = await open('Alan')
  const { token, endsAt } = await shortLivedToken()
  const ada = await open('Ada', token)
  await ada.client.write('before')
  await shows(alan, 'before')
  await eventually('the token has ended', () => Date.now() > endsAt + 1_000)
  await ada.client.write('after')
  const lasts = await shows(alan, 'after').then(
    () => true,
    () => false,
  )
  // A reconnect needs a token that admits.
  await ada.client.renew(freshToken)
  if (lasts) ada.network.cut()
  await ada.client.write('renewed')
  await shows(alan, 'after', RECONNECTS_MS)
  await shows(alan, 'renewed', RECONNECTS_MS)
  if (!lasts) return 'an application that renews the token of its provider'
  return hasSession ? undefined : 'an application that gets a new token before each reconnect'
}

async function bigPaste({ open }: Scene): Promise<Condition> {
  const ada = await open('Ada')
  const alan = await open('Alan')
  const dataUrl = noisePicture()
  await ada.client.paste(dataUrl)
  // Noise: no other has its end.
  const end = dataUrl.slice(-64)
  await eventually('the picture is there', () => alan.client.shows(end), ARRIVES_MS)
  await ada.client.write('by-ada')
  await shows(alan, 'by-ada')
  return conditionOf(ada)
}

async function refusedEdit({ open }: Scene): Promise<Condition> {
  const alan = await open('Alan')
  const vera = await open('Vera')
  await alan.client.write('by-alan')
  await shows(vera, 'by-alan')
  await vera.client.write('by-vera')
  await eventually(
    'the reason is there',
    async () => (await vera.client.reports()).includes('read_only'),
    ARRIVES_MS,
  )
  await alan.client.write('afterwards')
  await shows(vera, 'afterwards')
  if (await alan.client.shows('by-vera')) throw new Error('the edit was not refused')
  return conditionOf(vera)
}

async function offline({ open, isPersistent }: Scene): Promise<Condition> {
  const ada = await open('Ada')
  const alan = await open('Alan')
  await begin(ada, alan)
  ada.network.refuse()
  await isDisconnected(ada)
  await ada.client.write('by-ada')
  await alan.client.write('by-alan')
  if (isPersistent) {
    await ada.reload()
    await shows(ada, 'by-ada')
  }
  ada.network.pass()
  await shows(alan, 'by-ada', RECONNECTS_MS)
  await shows(ada, 'by-alan', RECONNECTS_MS)
  return undefined
}

/** What is tried, in the order of the table's columns. */
export const TRIALS = {
  draw,
  undo,
  cursors,
  reconnect,
  'seen again': seenAgain,
  'fast pointer': fastPointer,
  'token end': tokenEnd,
  'big paste': bigPaste,
  'refused edit': refusedEdit,
  offline,
} satisfies Record<string, (scene: Scene) => Promise<Condition>>

export type TrialName = keyof typeof TRIALS

export const TRIAL_NAMES = Object.keys(TRIALS) as TrialName[]
