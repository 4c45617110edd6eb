import type { ToolName } from '../board/editor.ts'
import type { IconName } from '../ui/icons.ts'
import { boxTool } from './box-tool.ts'
import type { Tool } from './gesture.ts'
import { handTool } from './hand-tool.ts'
import { laserTool } from './laser-tool.ts'
import { penTool } from './pen-tool.ts'
import { selectTool } from './select-tool.ts'

/** How a tool is displayed, which key selects it, and what it does. */
export interface ToolEntry {
  name: ToolName
  label: string
  key: string
  icon: IconName
  /** Whether it draws; viewers and commenters cannot use it then. */
  isDrawing: boolean
  begin: Tool
}

/** All tools, in the order of the toolbar. */
export const TOOLS: readonly ToolEntry[] = [
  {
    name: 'select',
    label: 'Select',
    key: 'v',
    icon: 'select',
    isDrawing: false,
    begin: selectTool,
  },
  { name: 'hand', label: 'Pan', key: 'h', icon: 'hand', isDrawing: false, begin: handTool },
  { name: 'pen', label: 'Pen', key: 'p', icon: 'pen', isDrawing: true, begin: penTool },
  {
    name: 'rectangle',
    label: 'Rectangle',
    key: 'r',
    icon: 'rectangle',
    isDrawing: true,
    begin: boxTool('rectangle'),
  },
  {
    name: 'ellipse',
    label: 'Ellipse',
    key: 'o',
    icon: 'ellipse',
    isDrawing: true,
    begin: boxTool('ellipse'),
  },
  {
    name: 'sticky',
    label: 'Sticky note',
    key: 's',
    icon: 'sticky',
    isDrawing: true,
    begin: boxTool('sticky'),
  },
  { name: 'text', label: 'Text', key: 't', icon: 'text', isDrawing: true, begin: boxTool('text') },
  { name: 'laser', label: 'Laser', key: 'l', icon: 'laser', isDrawing: false, begin: laserTool },
]

export function toolEntry(name: ToolName): ToolEntry {
  const entry = TOOLS.find((tool) => tool.name === name)
  if (!entry) throw new Error(`no such tool: ${name}`)
  return entry
}
