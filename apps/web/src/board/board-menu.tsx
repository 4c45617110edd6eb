import { MainMenu } from '@excalidraw/excalidraw'
import { useTheme } from '../app/theme.ts'
import { useMessages } from '../language/language.ts'
import { Icon } from '../ui/icon.tsx'

const { Item, Separator, DefaultItems } = MainMenu

/** The menu of a board. What is left out goes without: guests have no lists, viewers open no files. */
export function BoardMenu({
  onAllBoards,
  onOpenFile,
  onPresent,
  onVersions,
}: {
  onAllBoards: (() => void) | undefined
  onOpenFile: (() => void) | undefined
  onPresent: () => void
  onVersions: (() => void) | undefined
}) {
  const { text } = useMessages()
  const { choice, choose } = useTheme()
  return (
    <MainMenu>
      {onAllBoards && (
        <Item icon={<Icon name="left" />} onSelect={onAllBoards}>
          All boards
        </Item>
      )}
      {onOpenFile && (
        <Item icon={<Icon name="folder" />} onSelect={onOpenFile}>
          Open…
        </Item>
      )}
      <DefaultItems.Export />
      <DefaultItems.SaveAsImage />
      <Item icon={<Icon name="present" />} onSelect={onPresent}>
        Present frames
      </Item>
      {onVersions && (
        <Item icon={<Icon name="history" />} onSelect={onVersions}>
          {text('versions.title')}
        </Item>
      )}
      <DefaultItems.SearchMenu />
      <Separator />
      <DefaultItems.ToggleTheme allowSystemTheme theme={choice} onSelect={choose} />
      <DefaultItems.ChangeCanvasBackground />
      <Separator />
      <DefaultItems.Help />
    </MainMenu>
  )
}
