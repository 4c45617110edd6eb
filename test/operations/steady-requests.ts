import { type Answer, callApi, type SignedIn } from '@mindfuse/testing'

/** How long each worker waits before its next request, milliseconds. */
const INTERVAL_MS = 20

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** What people ask of the API all the time, and how it went. */
export interface SteadyRequests {
  /** How many were answered. */
  readonly count: number
  /** Those that failed, and how. */
  readonly failures: readonly string[]
  /** Makes no further request, and resolves once the last is answered. */
  stop(): Promise<void>
}

/** Reads and writes without a pause: each person a board, its list, and the token of their session. */
export function startRequests(
  apiUrl: string,
  people: readonly { who: SignedIn; boardId: string }[],
): SteadyRequests {
  let count = 0
  let isStopped = false
  const failures: string[] = []
  const ask = async (name: string, request: () => Promise<Answer>) => {
    count++
    try {
      let answer = await request()
      // A machine that is too busy says so, and when to try again, as clients do.
      while (answer.body.code === 'overloaded') {
        await delay(1_000 * Number(answer.headers.get('retry-after')))
        answer = await request()
      }
      if (answer.status >= 400) failures.push(`${name}: ${answer.status} ${answer.body.code}`)
      return answer.body
    } catch (error) {
      failures.push(`${name}: ${error} ${(error as Error).cause ?? ''}`)
    }
  }
  const work = async ({ who, boardId }: (typeof people)[number]) => {
    const { accessToken: token, browser } = who
    const board = `${apiUrl}/api/boards/${boardId}`
    const call = (path: string, method: string, body?: unknown) =>
      ask(method, () => callApi(`${board}${path}`, { token, method, body }))
    while (!isStopped) {
      await call('', 'PATCH', { name: `Board ${count}` })
      await call('', 'GET')
      const invite = await call('/invite', 'POST', { role: 'viewer' })
      if (invite?.id) await call(`/invites/${invite.id}`, 'DELETE')
      await ask('token', async () => {
        const answer = await browser.fetch(`${apiUrl}/api/auth/token`, { method: 'POST' })
        return { status: answer.status, headers: answer.headers, body: await answer.json() }
      })
      await delay(INTERVAL_MS)
    }
  }
  const workers = people.map(work)
  return {
    get count() {
      return count
    },
    failures,
    async stop() {
      isStopped = true
      await Promise.all(workers)
    },
  }
}
