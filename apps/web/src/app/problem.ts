/** What went wrong, where this page is the answer to a request that failed. */
export interface Problem {
  status: number
  code: string
  detail: string
  requestId: string
}

/** The API writes the problem into the page. */
export function readProblem(): Problem | undefined {
  const meta = document.querySelector<HTMLMetaElement>('meta[name=mindfuse-problem]')
  return meta ? (JSON.parse(meta.content) as Problem) : undefined
}
