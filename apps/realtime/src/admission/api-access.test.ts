import type { Authorization } from '@mindfuse/internal'
import { expect, test } from 'vitest'
import type { ApiClient } from '../storage/api-client.ts'
import { type Applicant, createApiAccess } from './api-access.ts'

const EDITOR: Authorization = {
  role: 'editor',
  version: 1,
  canBroadcast: true,
  boardExists: true,
  sessionLives: true,
}

const applicant = (n: number): Applicant => ({
  boardId: `board ${n}`,
  userId: `user ${n}`,
  sessionId: `session ${n}`,
})

/** An API that answers everybody with their number as the version, and keeps what it was asked. */
function watchedApi() {
  const requests: { applicants: readonly Applicant[]; traceId: string | undefined }[] = []
  const api: Pick<ApiClient, 'authorizations'> = {
    async authorizations(applicants, trace) {
      requests.push({ applicants, traceId: trace?.traceId })
      return applicants.map(({ boardId }) => ({ ...EDITOR, version: Number(boardId.slice(6)) }))
    },
  }
  return { requests, api: api as ApiClient }
}

test('applicants that arrive together share a request, and each gets its own answer', async () => {
  const { api, requests } = watchedApi()
  const ask = createApiAccess(api)
  const answers = await Promise.all([1, 2, 3].map((n) => ask(applicant(n))))
  expect(answers.map(({ version }) => version)).toEqual([1, 2, 3])
  expect(requests).toHaveLength(1)
})

test('what is asked of the same person for two reasons is asked once', async () => {
  const { api, requests } = watchedApi()
  const ask = createApiAccess(api)
  const [one, other] = await Promise.all([ask(applicant(1)), ask(applicant(1))])
  expect(one).toBe(other)
  expect(requests.flatMap(({ applicants }) => applicants)).toHaveLength(1)
  // Another session, or another board, is another question.
  await Promise.all([
    ask(applicant(1)),
    ask({ ...applicant(1), sessionId: 'another' }),
    ask({ ...applicant(1), boardId: 'board 2' }),
  ])
  expect(requests.flatMap(({ applicants }) => applicants)).toHaveLength(4)
})

test('a request is part of a trace of those it is for', async () => {
  const { api, requests } = watchedApi()
  const ask = createApiAccess(api)
  const trace = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), isSampled: true }
  await Promise.all([ask(applicant(1), trace), ask(applicant(2))])
  expect(requests).toMatchObject([{ traceId: trace.traceId }])
})
