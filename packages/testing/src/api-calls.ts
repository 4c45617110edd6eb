/** An answer of the API: its status and its JSON body. */
export interface Answer {
  status: number
  headers: Headers
  body: any
}

/** Calls the API, with an access token if there is one; a body is sent as JSON. */
export async function callApi(
  url: string,
  options: {
    token?: string
    method?: string
    body?: unknown
    headers?: Record<string, string>
  } = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(options.token && { authorization: `Bearer ${options.token}` }),
      ...(options.body !== undefined && { 'content-type': 'application/json' }),
      ...options.headers,
    },
    ...(options.body !== undefined && { body: JSON.stringify(options.body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
}

/** Creates a board in the first workspace of the token's owner and returns its id. */
export async function createBoard(apiUrl: string, token: string, name = 'Board'): Promise<string> {
  const { body } = await callApi(`${apiUrl}/api/workspaces`, { token })
  const path = `/api/workspaces/${body.items[0].id}/boards`
  const created = await callApi(`${apiUrl}${path}`, { token, body: { name } })
  if (created.status !== 201) throw new Error(`creating a board answered ${created.status}`)
  return created.body.id
}
