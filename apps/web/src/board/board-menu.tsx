import { MainMenu } from '@excalidraw/excalidraw'
import { useTheme } from '../app/use-theme.ts'
import { useMessages } from '../language/language.ts'
import { LanguageSelect } from '../language/language-select.tsx'
import { Icon } from '../ui/icon.tsx'

const { Item, ItemCustom, Separator, DefaultItems } = MainMenu

/** The menu of a board. What is left out goes without: guests have no lists, viewers open no files. */
export function BoardMenu({
  onAllBoards,
  onOpenFile,
  onOutline,
  onPresent,
  onVersions,
}: {
  onAllBoards: (() => void) | undefined
  onOpenFile: (() => void) | undefined
  onOutline: () => void
  onPresent: () => void
  onVersions: (() => void) | undefined
}) {
  const { text } = useMessages()
  const { choice, choose } = useTheme()
  return (
    <MainMenu>
      {onAllBoards && (
        <Item icon={<Icon name="left" />} onSelect={onAllBoards}>
          {text('board.all')}
        </Item>
      )}
      {onOpenFile && (
        <Item icon={<Icon name="folder" />} onSelect={onOpenFile}>
          {text('board.open')}
        </Item>
      )}
      <DefaultItems.Export />
      <DefaultItems.SaveAsImage />
      <Item icon={<Icon name="present" />} onSelect={onPresent}>
        {text('board.present')}
      </Item>
      <Item icon={<Icon name="list" />} shortcut="Shift+O" onSelect={onOutline}>
        {text('outline.title')}
      </Item>
      {onVersions && (
        <Item icon={<Icon name="history" />} onSelect={onVersions}>
          {text('versions.title')}
        </Item>
      )}
      <DefaultItems.SearchMenu />
      <Separator />
      <DefaultItems.ToggleTheme allowSystemTheme theme={choice} onSelect={choose} />
      <ItemCustom className="board-language">
        <LanguageSelect />
      </ItemCustom>
      <DefaultItems.ChangeCanvasBackground />
      <Separator />
      <DefaultItems.Help />
    </MainMenu>
  )
}
