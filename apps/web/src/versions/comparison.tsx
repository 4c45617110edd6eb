import type { Board, Version } from '@mindfuse/client'
import { useMemo, useState } from 'react'
import type { App } from '../app/app.ts'
import { useMessages } from '../language/language.ts'
import { isolateIfNeeded } from '../ui/isolate.ts'
import { Select } from '../ui/select.tsx'
import { messageOf } from '../ui/toast.ts'
import { compareScenes, type SceneDifference } from './compare-scenes.ts'
import { SceneViewer, type Viewport } from './scene-viewer.tsx'
import { type ReadScene, useScene } from './use-scene.ts'
import { versionText } from './version-text.ts'
import { NOW, type VersionsQuery } from './versions-query.ts'

/** A version as it is, or two side by side, the earlier one first, with what is other in the later one marked. */
export function Comparison({
  app,
  board,
  versions,
  query: { look, with: other },
  onCompare,
}: {
  app: App
  board: Board
  versions: readonly Version[]
  query: VersionsQuery
  onCompare: (other: string | undefined) => void
}) {
  const messages = useMessages()
  const { text, ago } = messages
  const ids = useMemo(
    () => inOrder(versions, other === undefined ? [look] : [look, other]),
    [versions, look, other],
  )
  const [first, second] = ids
  const before = useScene(app.client, board, first)
  const after = useScene(app.client, board, second)
  const difference = useMemo(
    () => before.scene && after.scene && compareScenes(before.scene.elements, after.scene.elements),
    [before.scene, after.scene],
  )
  const nameOf = (id: string) => {
    const version = versions.find((known) => known.id === id)
    if (id === NOW || !version) return text(id === NOW ? 'versions.now' : 'versions.one')
    return `${isolateIfNeeded(versionText(version, messages))} (${ago(version.createdAt)})`
  }
  const others = [NOW, ...versions.map(({ id }) => id)].filter((id) => id !== look)
  return (
    <div className="comparison">
      <div className="comparison-bar">
        <Select
          label={text('versions.compareWith')}
          value={other ?? ''}
          options={[
            { value: '', label: text('versions.compareWithNone') },
            ...others.map((id) => ({ value: id, label: nameOf(id) })),
          ]}
          onChange={(chosen) => onCompare(chosen === '' ? undefined : chosen)}
        />
        <div role="status">{difference && <Summary difference={difference} />}</div>
      </div>
      <Viewers
        // One that is looked at stays where it is; two are both to be seen.
        key={ids.length === 1 ? '' : ids.join()}
        board={board}
        difference={difference}
        shown={ids.map((id, at) => ({ name: nameOf(id), ...(at === 0 ? before : after) }))}
      />
    </div>
  )
}

type Shown = ReadScene & { name: string }

/** Scenes side by side, of which the same part is seen: at first all of them. */
function Viewers({
  board,
  shown,
  difference,
}: {
  board: Board
  shown: readonly Shown[]
  difference: SceneDifference | undefined
}) {
  const { text } = useMessages()
  const [viewport, setViewport] = useState<Viewport>()
  const isRead = shown.every(({ scene, error }) => scene !== undefined || error !== undefined)
  if (!isRead) return <p className="hint centered">{text('board.opening')}</p>
  const all = shown.flatMap(({ scene }) => scene?.elements ?? [])
  return (
    <div className="viewers">
      {shown.map(({ name, scene, error }, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same viewer shows one version after the other
        <figure key={at}>
          <figcaption>{name}</figcaption>
          {scene ? (
            <SceneViewer
              label={name}
              board={board}
              scene={scene}
              difference={difference}
              fitTo={all}
              viewport={viewport}
              onViewport={setViewport}
            />
          ) : (
            <p className="problem" role="alert">
              {messageOf(error)}
            </p>
          )}
        </figure>
      ))}
    </div>
  )
}

/** How much is other, which is the legend of the marks too. */
function Summary({ difference: { added, changed, removed } }: { difference: SceneDifference }) {
  const { text } = useMessages()
  if (added.size + changed.size + removed.size === 0) return <p>{text('versions.noDifference')}</p>
  return (
    <ul className="difference">
      <li data-mark="added">{text('versions.added', { count: added.size })}</li>
      <li data-mark="changed">{text('versions.changed', { count: changed.size })}</li>
      <li data-mark="removed">{text('versions.removed', { count: removed.size })}</li>
    </ul>
  )
}

/** The earlier first; the present board is the last. */
function inOrder(versions: readonly Version[], ids: readonly string[]): readonly string[] {
  const placeOf = (id: string) => (id === NOW ? -1 : versions.findIndex((one) => one.id === id))
  return ids.toSorted((a, b) => placeOf(b) - placeOf(a))
}
