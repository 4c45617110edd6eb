import {
  AssetRecordType,
  atom,
  createPresenceStateDerivation,
  createShapeId,
  createTLStore,
  createUserId,
  defaultBindingUtils,
  defaultShapeUtils,
  defaultTools,
  Editor,
  react,
  type TLInstancePresence,
  type TLRecord,
  type TLUser,
  toRichText,
} from 'tldraw'
import { WebsocketProvider } from 'y-websocket'
import { Doc } from 'yjs'
import type { OpenClient } from '../client.ts'
import { editorElement } from './page.ts'
import { connect } from './provider.ts'

/** The editor without its React components, and its store bound to a map, as its example for Yjs does. */
export const open: OpenClient = (place) => {
  const doc = new Doc()
  const { provider, connection } = connect(WebsocketProvider, doc, place)
  const { awareness } = provider
  const records = doc.getMap<TLRecord>('records')
  const store = createTLStore({ shapeUtils: defaultShapeUtils, bindingUtils: defaultBindingUtils })
  const element = editorElement()
  const preferences = { id: place.userName, name: place.userName, color: '#30bced' }
  const editor = new Editor({
    store,
    shapeUtils: defaultShapeUtils,
    bindingUtils: defaultBindingUtils,
    tools: defaultTools,
    getContainer: () => element,
    user: {
      userPreferences: atom('preferences', preferences),
      setUserPreferences: () => undefined,
    },
  })

  store.listen(
    ({ changes: { added, updated, removed } }) =>
      doc.transact(() => {
        for (const record of Object.values(added)) records.set(record.id, record)
        for (const [, record] of Object.values(updated)) records.set(record.id, record)
        for (const record of Object.values(removed)) records.delete(record.id)
      }),
    { source: 'user', scope: 'document' },
  )
  records.observe((event, { local }) => {
    if (local) return
    store.mergeRemoteChanges(() => {
      for (const id of event.keysChanged) {
        const record = records.get(id)
        if (record) store.put([record])
        else store.remove([id as TLRecord['id']])
      }
    })
  })

  const user = atom<TLUser>('user', {
    ...{ id: createUserId(place.userName), typeName: 'user' },
    ...{ name: place.userName, color: '#30bced', imageUrl: '', meta: {} },
  })
  const presence = createPresenceStateDerivation(user)(store)
  react('presence', () => awareness.setLocalStateField('presence', presence.get()))
  awareness.on('change', ({ removed }: { removed: number[] }) => {
    const others = [...awareness.getStates()].flatMap(([clientId, state]) =>
      clientId !== awareness.clientID && state.presence
        ? [state.presence as TLInstancePresence]
        : [],
    )
    const present = new Set(others.map(({ id }) => id))
    const gone = removed.length
      ? store
          .allRecords()
          .filter((record) => record.typeName === 'instance_presence' && !present.has(record.id))
          .map(({ id }) => id)
      : []
    store.mergeRemoteChanges(() => {
      store.remove(gone)
      store.put(others)
    })
  })
  let row = 0
  return {
    ...connection,
    write(text) {
      editor.markHistoryStoppingPoint()
      const richText = toRichText(text)
      editor.createShape({
        id: createShapeId(),
        type: 'text',
        x: 10,
        y: 30 * row++,
        props: { richText },
      })
    },
    read: () =>
      JSON.stringify(store.allRecords().filter(({ typeName }) => typeName !== 'instance_presence')),
    undo: () => void editor.undo(),
    point: () => void editor.selectAll(),
    pointers: () => editor.getCollaborators().map(({ userName }) => userName),
    paste(src) {
      const props = {
        ...{ name: 'picture', src, w: 724, h: 724, fileSize: src.length },
        ...{ mimeType: 'image/png', isAnimated: false },
      }
      const id = AssetRecordType.createId()
      editor.createAssets([{ id, typeName: 'asset', type: 'image', props, meta: {} }])
    },
  }
}
