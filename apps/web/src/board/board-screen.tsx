import '@excalidraw/excalidraw/index.css'
import '../styles/board.css'
import '../styles/outline.css'
import { Excalidraw } from '@excalidraw/excalidraw'
import type { ExcalidrawImperativeAPI, ExcalidrawProps } from '@excalidraw/excalidraw/types'
import type { Board, BoardDetails } from '@mindfuse/client'
import { useExcalidrawBoard } from '@mindfuse/excalidraw'
import { useStatus } from '@mindfuse/react'
import { useEffect, useRef, useState } from 'react'
import type { App } from '../app/app.ts'
import { lastList } from '../app/last-list.ts'
import { paths } from '../app/router.ts'
import { useTheme } from '../app/use-theme.ts'
import { editorLanguage } from '../language/editor-language.ts'
import { useMessages } from '../language/language.ts'
import { OutlinePanel } from '../outline/outline-panel.tsx'
import { useOutlinePanel } from '../outline/use-outline-panel.ts'
import { isolate } from '../ui/isolate.ts'
import { fullName } from '../ui/kinds.ts'
import { toast } from '../ui/toast.ts'
import { leadsToAll, useArrival } from './arrival.ts'
import { BoardBar } from './board-bar.tsx'
import { BoardMenu } from './board-menu.tsx'
import { Denied } from './denied.tsx'
import { linkToElement, pathOfLink } from './element-links.ts'
import { follow } from './follow.ts'
import { FullWorkspaceNotice } from './full-workspace-notice.tsx'
import { KeptLibrary } from './kept-library.tsx'
import { OPENED_TYPES, openFile } from './open-file.ts'
import { usePresentation } from './presentation.ts'
import { ReactionsLayer } from './reactions.tsx'
import { refusalText } from './refusal-text.ts'
import { useBoardMessages } from './use-board-messages.ts'
import { useBoardValue } from './use-board-value.ts'
import { useEditorNames } from './use-editor-names.ts'
import { usePointing } from './use-pointing.ts'
import { useThumbnail } from './use-thumbnail.ts'
import { shareWhereabouts } from './whereabouts.ts'

const UI_OPTIONS: NonNullable<ExcalidrawProps['UIOptions']> = {
  canvasActions: {
    clearCanvas: false,
    loadScene: false,
    saveToActiveFile: false,
    toggleTheme: true,
  },
}

/**
 * Excalidraw on a board, and around it what it does not have: whether all is saved, who is there, sharing, reactions.
 *
 * @param name what the board is called now
 * @param visit another object after each navigation
 */
export function BoardScreen({
  app,
  board,
  details,
  name,
  visit,
}: {
  app: App
  board: Board
  details: BoardDetails
  name: string
  visit: object
}) {
  const { client, user, navigate } = app
  const [scrollToContent] = useState(leadsToAll)
  const { excalidrawAPI, viewModeEnabled, ...props } = useExcalidrawBoard(board, {
    nameOf: fullName,
    refusalText,
    scrollToContent,
  })
  const [api, setApi] = useState<ExcalidrawImperativeAPI | null>(null)
  const screen = useRef<HTMLDivElement>(null)
  const surface = useRef<HTMLDivElement>(null)
  const file = useRef<HTMLInputElement>(null)
  const { theme } = useTheme()
  const { text, language } = useMessages()
  const status = useStatus(board)
  const canBroadcast = useBoardValue(board, (open) => open.canBroadcast)
  const [wantsLaser, setWantsLaser] = useState(false)
  const presentation = usePresentation(api, screen)
  const outline = useOutlinePanel(surface)
  const isPresenting = presentation.at !== undefined
  const isPointing = canBroadcast && (isPresenting || (wantsLaser && viewModeEnabled))
  const isPerson = user.kind === 'person'

  usePointing(api, surface, {
    isPointing,
    onKey(event) {
      if (isPresenting) presentation.onKey(event)
      else if (event.key === 'Escape') setWantsLaser(false)
    },
  })
  useArrival(board, api, visit)
  useBoardMessages(board, user)
  useEffect(() => {
    if (isPerson) return shareWhereabouts(client, board, details.workspaceId)
  }, [isPerson, client, board, details.workspaceId])
  useThumbnail(app, board, { api, isMissing: isWithoutThumbnail(details) })
  useEditorNames(surface, text('board.menu'))

  const onFile = (chosen: File | undefined) => {
    if (!api || !chosen) return
    openFile(api, chosen).catch(() =>
      toast(text('board.cannotOpen', { name: isolate(chosen.name) })),
    )
  }
  return (
    <div className="board-page" ref={screen} data-presenting={isPresenting || undefined}>
      <BoardBar
        app={app}
        board={board}
        details={details}
        name={name}
        onFollow={(userId) => api && follow(board, api, userId)}
        laser={
          viewModeEnabled
            ? { isOn: isPointing, canUse: canBroadcast, toggle: () => setWantsLaser(!wantsLaser) }
            : undefined
        }
      />
      <div className="board-main">
        <div className="board-surface" ref={surface} data-pointing={isPointing || undefined}>
          <Excalidraw
            {...props}
            excalidrawAPI={(created) => {
              excalidrawAPI(created)
              setApi(created)
            }}
            viewModeEnabled={
              (viewModeEnabled || isPresenting || status.kind === 'denied') && !isPointing
            }
            theme={theme}
            langCode={editorLanguage(language)}
            name={name}
            autoFocus
            aiEnabled={false}
            // Pages of others are not loaded: their hosts would learn who is here.
            validateEmbeddable={false}
            UIOptions={UI_OPTIONS}
            generateLinkForSelection={(id) => linkToElement(board.id, id)}
            onLinkOpen={({ link }, event) => {
              const path = link && pathOfLink(link)
              if (!path) return
              event.preventDefault()
              navigate(path)
            }}
          >
            <BoardMenu
              onAllBoards={isPerson ? () => navigate(lastList()) : undefined}
              onOpenFile={viewModeEnabled ? undefined : () => file.current?.click()}
              onOutline={outline.open}
              onPresent={presentation.start}
              onVersions={isPerson ? () => navigate(paths.versions(board.id)) : undefined}
            />
          </Excalidraw>
          {isPerson && api && <KeptLibrary api={api} userId={user.id} />}
          <ReactionsLayer board={board} user={user} />
          {presentation.at !== undefined && (
            <output className="frame-number">
              {`${presentation.at + 1} / ${presentation.count}`}
            </output>
          )}
        </div>
        {outline.isOpen && api && (
          <OutlinePanel board={board} api={api} tree={outline.tree} onClose={outline.close} />
        )}
      </div>
      <FullWorkspaceNotice board={board} />
      {status.kind === 'denied' && <Denied denial={status} user={user} />}
      <input
        ref={file}
        type="file"
        accept={OPENED_TYPES}
        hidden
        onChange={({ target }) => {
          onFile(target.files?.[0])
          target.value = ''
        }}
      />
    </div>
  )
}

/** As after a restore, or where only programs drew so far. */
function isWithoutThumbnail({ thumbnailUrl, access }: BoardDetails): boolean {
  return thumbnailUrl === null && access.can.edit
}
