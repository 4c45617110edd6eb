import { SHORTCUTS } from '../tools/keyboard.ts'
import { openDialog } from '../ui/dialog.ts'
import { h } from '../ui/dom.ts'

/** The keys of the board. */
export function openHelpDialog(): void {
  const rows = SHORTCUTS.flatMap(([keys, meaning]) => [
    h('dt', {}, h('kbd', {}, keys)),
    h('dd', {}, meaning),
  ])
  openDialog('Keys', h('dl', { class: 'shortcuts' }, ...rows))
}
