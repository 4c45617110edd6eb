import { createClient, MindfuseError } from '@mindfuse/client'

const element = (selector) => document.querySelector(selector)

/** Asks the product's own server, which knows who is signed in. */
async function getToken({ signal }) {
  const response = await fetch('/mindfuse-token', { method: 'POST', signal })
  if (response.status === 401) throw new MindfuseError('unauthorized', 'Sign in', { status: 401 })
  if (!response.ok) throw new MindfuseError('unavailable', 'Try again later')
  return response.json()
}

function show(list, texts) {
  const items = texts.map((text) =>
    Object.assign(document.createElement('li'), { textContent: text }),
  )
  element(list).replaceChildren(...items)
}

async function open() {
  const { apiUrl, realtimeUrl, boardId } = await (await fetch('/config')).json()
  const board = createClient({ apiUrl, realtimeUrl, getToken }).board(boardId)
  const notes = board.doc.getArray('notes')
  const people = () =>
    show(
      '#people',
      board.presence.users.map(({ user }) => user.name),
    )
  board.on('status', ({ kind }) => {
    element('#status').textContent = kind
    people()
  })
  board.presence.on('join', people)
  board.presence.on('leave', people)
  notes.observe(() => show('#notes', notes.toArray()))
  element('#add').addEventListener('submit', (event) => {
    event.preventDefault()
    const { note } = event.target.elements
    board.edit(() => notes.push([note.value]))
    event.target.reset()
  })
  element('#sign-in').hidden = true
  element('main').hidden = false
}

element('#sign-in').addEventListener('submit', (event) => {
  event.preventDefault()
  // biome-ignore lint/suspicious/noDocumentCookie: it stands for the sign-in that a product has
  document.cookie = `user=${encodeURIComponent(event.target.elements.user.value)}; SameSite=Lax`
  void open()
})
