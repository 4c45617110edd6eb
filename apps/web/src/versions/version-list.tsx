import type { BoardDetails, Version } from '@mindfuse/client'
import { type ReactNode, Suspense, useState } from 'react'
import type { App } from '../app/app.ts'
import type { Pages } from '../app/use-pages.ts'
import { useShowMore } from '../app/use-show-more.ts'
import { useMessages } from '../language/language.ts'
import { ConfirmDialog, NameDialog } from '../ui/dialogs.tsx'
import { ErrorText } from '../ui/error-text.tsx'
import { isolate, isolateIfNeeded } from '../ui/isolate.ts'
import { MenuButton } from '../ui/menu-button.tsx'
import type { MenuEntry } from '../ui/menu-entry.ts'
import { useRestore } from './use-restore.ts'
import { personText, versionText } from './version-text.ts'
import { NOW } from './versions-query.ts'

/** What is asked before something is done. */
type Asked = { kind: 'name' } | { kind: 'restore' | 'delete'; version: Version }

/** The versions of a board, beginning with the present one: look at them, keep another, restore, delete. */
export function VersionList({
  app,
  details,
  versions: pages,
  look,
  onLook,
}: {
  app: App
  details: BoardDetails
  versions: Pages<Version>
  /** What is looked at. */
  look: string
  onLook: (look: string) => void
}) {
  const messages = useMessages()
  const { text, ago } = messages
  const { value: versions, error, reload } = pages
  const { rows, showMore } = useShowMore(pages)
  const [asked, setAsked] = useState<Asked>()
  const { can } = details.access
  const shown = versions?.find(({ id }) => id === look)
  const entriesOf = (version: Version) => {
    const entries: (MenuEntry | false)[] = [
      can.restoreVersion && {
        label: text('versions.restore'),
        onChoose: () => setAsked({ kind: 'restore', version }),
      },
      can.deleteVersion && {
        label: text('versions.delete'),
        isDangerous: true,
        onChoose: () => setAsked({ kind: 'delete', version }),
      },
    ]
    return entries.filter((entry) => entry !== false)
  }
  const rowOf = (id: string, children: ReactNode, version?: Version) => {
    const entries = version ? entriesOf(version) : []
    return (
      <li key={id}>
        <button
          type="button"
          className="version"
          aria-current={id === look}
          onClick={() => onLook(id)}
        >
          {children}
        </button>
        {version && entries.length > 0 && (
          <MenuButton
            label={text('board.actions', { name: isolateIfNeeded(versionText(version, messages)) })}
            entries={entries}
          />
        )}
      </li>
    )
  }
  return (
    <section>
      <div className="section-header">
        <h2>{text('versions.title')}</h2>
        <span className="spacer" />
        {shown && can.restoreVersion && (
          <button
            type="button"
            className="primary"
            onClick={() => setAsked({ kind: 'restore', version: shown })}
          >
            {text('versions.restore.this')}
          </button>
        )}
        {!shown && can.createVersion && (
          <button type="button" className="primary" onClick={() => setAsked({ kind: 'name' })}>
            {text('versions.keep')}
          </button>
        )}
      </div>
      <ErrorText error={error} />
      <ul ref={rows} className="version-rows" aria-label={text('versions.title')}>
        {rowOf(NOW, <span>{text('versions.now')}</span>)}
        {versions?.map((version) =>
          rowOf(
            version.id,
            <>
              <bdi>{versionText(version, messages)}</bdi>
              <span className="hint">
                {text('versions.by', {
                  name: isolate(personText(version.creatorName, messages)),
                  ago: ago(version.createdAt),
                })}
              </span>
            </>,
            version,
          ),
        )}
      </ul>
      {versions?.length === 0 && <p className="hint">{text('versions.none')}</p>}
      {showMore && (
        <button type="button" onClick={showMore}>
          {text('boards.more')}
        </button>
      )}
      <Suspense fallback={null}>
        {asked && (
          <AskedDialog
            app={app}
            boardId={details.id}
            asked={asked}
            reload={reload}
            onLook={onLook}
            onClose={() => setAsked(undefined)}
          />
        )}
      </Suspense>
    </section>
  )
}

function AskedDialog({
  app,
  boardId,
  asked,
  reload,
  onLook,
  onClose,
}: {
  app: App
  boardId: string
  asked: Asked
  reload: () => void
  onLook: (look: string) => void
  onClose: () => void
}) {
  const messages = useMessages()
  const { text } = messages
  const { boards } = app.client.api
  const restore = useRestore(app, boardId, reload)
  if (asked.kind === 'name') {
    return (
      <NameDialog
        title={text('versions.keep.title')}
        action={text('versions.keep')}
        onClose={onClose}
        onSubmit={async (name) => void (await boards.createVersion(boardId, name).finally(reload))}
      />
    )
  }
  const { version } = asked
  const name = isolate(versionText(version, messages))
  if (asked.kind === 'restore') {
    return (
      <ConfirmDialog
        title={text('versions.restore.title')}
        action={text('versions.restore')}
        onClose={onClose}
        onConfirm={async () => {
          await restore(version)
          onLook(NOW)
        }}
      >
        <p>{text('versions.restore.text', { name })}</p>
      </ConfirmDialog>
    )
  }
  return (
    <ConfirmDialog
      title={text('versions.delete.title')}
      action={text('versions.delete')}
      onClose={onClose}
      onConfirm={async () => {
        await boards.deleteVersion(boardId, version.id).finally(reload)
        onLook(NOW)
      }}
    >
      <p>{text('versions.delete.text', { name })}</p>
    </ConfirmDialog>
  )
}
