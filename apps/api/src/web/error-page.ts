import type { Problem } from '@mindfuse/protocol'
import type { ErrorPage } from '../http/error-page.ts'
import { pageHeaders, type WebApp } from './web-app.ts'

/**
 * The page of an error: the web app, which reads the problem from a `meta` element, or where it is not
 * built a few words with a link to the first of `webOrigins`.
 */
export function createErrorPage(options: {
  web?: WebApp | undefined
  webOrigins: readonly string[]
}): ErrorPage {
  const { web, webOrigins } = options
  const home = webOrigins[0] ?? '/'
  return (reply, problem) => {
    if (web) reply.headers(pageHeaders(web))
    return reply
      .type('text/html; charset=utf-8')
      .header('cache-control', 'no-store')
      .send(web ? withProblem(web.page, problem) : plainPage(problem, home))
  }
}

function withProblem(page: string, problem: Problem): string {
  const meta = `<meta name="mindfuse-problem" content="${escapeHtml(JSON.stringify(problem))}">`
  // Before the script that reads it, and by a function, because `$` in a replacement has a meaning.
  return page.replace('<script', () => `${meta}<script`)
}

function plainPage({ title, detail = '' }: Problem, home: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>
<body>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(detail)}.</p>
<p><a href="${escapeHtml(home)}">Go to the whiteboard</a></p>
</body>
</html>
`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
}
