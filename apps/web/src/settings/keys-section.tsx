import type { Key } from '@mindfuse/client'
import { Suspense, useCallback, useState } from 'react'
import { PagedList } from '../app/paged-list.tsx'
import { type PageQuery, usePages } from '../app/use-pages.ts'
import { useMessages } from '../language/language.ts'
import { ConfirmDialog } from '../ui/dialogs.tsx'
import { isolate } from '../ui/isolate.ts'
import { keyText } from './key-text.ts'
import { NewKeyDialog } from './new-key-dialog.tsx'
import type { SectionProps } from './section-props.ts'

/** The keys of a workspace: create, revoke. */
export function KeysSection({ app, workspace }: SectionProps) {
  const messages = useMessages()
  const { text } = messages
  const { keys } = app.client.api
  const [isCreating, setCreating] = useState(false)
  const [revoking, setRevoking] = useState<Key>()
  const read = useCallback(
    (query: PageQuery) => keys.list(workspace.id, query),
    [keys, workspace.id],
  )
  const list = usePages(read, undefined)
  return (
    <section className="settings">
      <div className="row">
        <h2>{text('settings.keys')}</h2>
        <span className="spacer" />
        <button type="button" className="primary" onClick={() => setCreating(true)}>
          {text('keys.new')}
        </button>
      </div>
      <p className="hint">{text('keys.text')}</p>
      <PagedList label={text('settings.keys')} empty={text('keys.none')} pages={list}>
        {(key) => (
          <li key={key.id}>
            <span className="row-text">
              <span>
                <bdi>{key.name}</bdi> <code>{key.hint}…</code>
              </span>
              <span className="hint">{keyText(key, messages)}</span>
            </span>
            <button type="button" className="quiet" onClick={() => setRevoking(key)}>
              {text('keys.revoke')}
            </button>
          </li>
        )}
      </PagedList>
      {isCreating && (
        <NewKeyDialog
          app={app}
          workspace={workspace}
          onCreated={list.reload}
          onClose={() => setCreating(false)}
        />
      )}
      <Suspense fallback={null}>
        {revoking && (
          <ConfirmDialog
            title={text('keys.revoke.title')}
            action={text('keys.revoke')}
            onClose={() => setRevoking(undefined)}
            onConfirm={() => keys.revoke(workspace.id, revoking.id).finally(list.reload)}
          >
            <p>{text('keys.revoke.text', { name: isolate(revoking.name) })}</p>
          </ConfirmDialog>
        )}
      </Suspense>
    </section>
  )
}
