import { createHash } from 'node:crypto'
import type { Answer } from './answer.ts'

const SUGGESTIONS = [
  { name: 'Ada Lovelace', email: 'ada.lovelace@example.com' },
  { name: 'Alan Turing', email: 'alan.turing@example.com' },
  { name: 'Grace Hopper', email: 'grace.hopper@example.com' },
]

const STYLE = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 24rem; margin: 10vh auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; }
ul { padding: 0; list-style: none; }
a, input, button { display: block; box-sizing: border-box; width: 100%; min-height: 2.75rem;
  margin: .25rem 0 .75rem; padding: .5rem .75rem; border: 1px solid GrayText;
  border-radius: .5rem; font: inherit; color: inherit; text-decoration: none; }
a small { opacity: .75; }
button { background: #1f5fd0; border-color: #1f5fd0; color: #fff; font-weight: 600; cursor: pointer; }
:focus-visible { outline: 3px solid #6ea0ff; outline-offset: 2px; }
[role=alert] { border-left: 4px solid #d0342c; padding-left: .75rem; }
`

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/**
 * No form-action: browsers apply it to the redirects that follow too, and those lead to whatever
 * web application asked for the sign-in.
 */
const CONTENT_SECURITY_POLICY = `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`

/**
 * The page where one picks who to be. It goes back to the same address with `login_hint` (and
 * `name`) added.
 *
 * @param request the authorization request's parameters
 */
export function signInPage(request: URLSearchParams): Answer {
  const kept = new URLSearchParams(request)
  kept.delete('login_hint')
  kept.delete('name')
  const refused = request.get('login_hint')
  return {
    status: refused === null ? 200 : 400,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': CONTENT_SECURITY_POLICY,
    },
    body: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Sign in – local identity provider</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>Who are you?</h1>
<p>A local stand-in for Google. Sign in with any email address; there are no passwords.</p>
${refused === null ? '' : `<p role="alert" id="problem">“${escapeHtml(refused)}” is not an email address.</p>`}
<ul>
${SUGGESTIONS.map((person) => suggestion(person, kept)).join('\n')}
</ul>
<form action="/authorize">
${[...kept].map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`).join('\n')}
<label for="email">Email</label>
<input id="email" name="login_hint" type="email" required autocomplete="email" value="${escapeHtml(refused ?? '')}"${refused === null ? '' : ' aria-invalid="true" aria-describedby="problem"'}>
<label for="name">Name (optional)</label>
<input id="name" name="name" autocomplete="name" maxlength="100" value="${escapeHtml(request.get('name') ?? '')}">
<button>Sign in</button>
</form>
</main>
</body>
</html>
`,
  }
}

function suggestion(person: { name: string; email: string }, kept: URLSearchParams): string {
  const query = new URLSearchParams([...kept, ['login_hint', person.email], ['name', person.name]])
  return `<li><a href="/authorize?${escapeHtml(query.toString())}">${escapeHtml(person.name)} <small>${escapeHtml(person.email)}</small></a></li>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
