import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { readAuthMessage } from 'y-protocols/auth'
import * as awarenessProtocol from 'y-protocols/awareness'
import { messageYjsSyncStep1, messageYjsSyncStep2, messageYjsUpdate } from 'y-protocols/sync'
import { Doc } from 'yjs'
import { applyUpdate, encodeStateAsUpdate, encodeStateVector, YDoc, YUndoManager } from 'ywasm'
import type { OpenClient } from '../client.ts'
import { namesWith, sweeping } from './provider.ts'

const SYNC = 0
const AWARENESS = 1
const AUTH = 2
const REMOTE = 'remote'
const RECONNECT_MS = 200

/** Yjs in Rust. No provider comes with it, so this is one of the smallest kind. */
export const open: OpenClient = (place) => {
  const doc = new YDoc({})
  const text = doc.getText('text')
  const undoManager = new YUndoManager(doc, text, {})
  // The awareness of y-protocols wants a document of Yjs for its id, and nothing else.
  const empty = new Doc()
  const awareness = new awarenessProtocol.Awareness(empty)
  awareness.setLocalStateField('user', { name: place.userName })
  let token = place.token
  let socket: WebSocket | undefined
  let isSynced = false
  let connections = 0
  const reports: string[] = []
  let isClosed = false

  const isConnected = () => socket?.readyState === WebSocket.OPEN
  const send = (write: (encoder: encoding.Encoder) => void) => {
    if (isConnected()) socket?.send(encoding.encode(write) as Uint8Array<ArrayBuffer>)
  }
  const sendSync = (type: number, bytes: Uint8Array) =>
    send((encoder) => {
      encoding.writeVarUint(encoder, SYNC)
      encoding.writeVarUint(encoder, type)
      encoding.writeVarUint8Array(encoder, bytes)
    })
  const sendAwareness = () =>
    send((encoder) => {
      encoding.writeVarUint(encoder, AWARENESS)
      const update = awarenessProtocol.encodeAwarenessUpdate(awareness, [awareness.clientID])
      encoding.writeVarUint8Array(encoder, update)
    })

  function receive(frame: Uint8Array): void {
    const decoder = decoding.createDecoder(frame)
    const kind = decoding.readVarUint(decoder)
    if (kind === AWARENESS) {
      const update = decoding.readVarUint8Array(decoder)
      awarenessProtocol.applyAwarenessUpdate(awareness, update, REMOTE)
    }
    if (kind === AUTH) readAuthMessage(decoder, empty, (_, reason) => void reports.push(reason))
    if (kind !== SYNC) return
    const type = decoding.readVarUint(decoder)
    const bytes = decoding.readVarUint8Array(decoder)
    if (type === messageYjsSyncStep1) {
      sendSync(messageYjsSyncStep2, encodeStateAsUpdate(doc, bytes))
    } else {
      applyUpdate(doc, bytes, REMOTE)
      isSynced ||= type === messageYjsSyncStep2
    }
  }

  function connect(): void {
    if (isClosed) return
    socket = new WebSocket(`${place.realtimeUrl}/${place.boardId}`, ['yjs', `bearer.${token}`])
    socket.binaryType = 'arraybuffer'
    socket.onopen = () => {
      connections++
      sendSync(messageYjsSyncStep1, encodeStateVector(doc))
      sendAwareness()
    }
    socket.onmessage = ({ data }) => receive(new Uint8Array(data))
    socket.onerror = () => undefined
    socket.onclose = () => {
      isSynced = false
      setTimeout(connect, RECONNECT_MS)
    }
  }

  // Kept: an observer that is collected observes no longer.
  const observer = doc.onUpdate((update: Uint8Array, origin: unknown) => {
    if (origin !== REMOTE) sendSync(messageYjsUpdate, update)
  })
  awareness.on('update', ({ removed }: { removed: number[] }, origin: unknown) => {
    // The gateway has clients renew their state by its removal, which they only answer if told to.
    if (origin !== REMOTE || removed.includes(awareness.clientID)) sendAwareness()
  })
  connect()
  return {
    isConnected,
    connections: () => connections,
    isSynced: () => isConnected() && isSynced,
    write: (added) => text.push(added, undefined, undefined),
    read: () => text.toString(undefined),
    undo: () => undoManager.undo(),
    point: () => awareness.setLocalStateField('cursor', { anchor: 0, head: 0 }),
    pointers: () => namesWith(awareness, 'cursor'),
    ...sweeping(awareness),
    reports: () => [...reports],
    paste: (dataUrl) => text.push(dataUrl, undefined, undefined),
    renew(next) {
      token = next
    },
    close() {
      if (isClosed) return
      isClosed = true
      observer.free()
      awareness.destroy()
      socket?.close()
    },
  }
}
