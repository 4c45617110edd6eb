import { SHORTCUTS } from '../tools/keyboard.ts'
import { openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'

/** Lists the keyboard shortcuts of the board. */
export function openHelpDialog(): void {
  const rows = SHORTCUTS.flatMap(([keys, meaning]) => [
    h('dt', {}, h('kbd', {}, keys)),
    h('dd', {}, meaning),
  ])
  openDialog('Keyboard shortcuts', h('dl', { class: 'shortcuts' }, ...rows))
}
