import type { ElementOf, SceneElement } from '../elements/element.ts'

/** A frame and what is in it. */
export interface SceneFrame {
  readonly frame: ElementOf<'frame'> | ElementOf<'magicframe'>
  /** The lowest first. */
  readonly elements: readonly SceneElement[]
}

/** The frames of a scene, the lowest first. */
export function sceneFrames(elements: readonly SceneElement[]): SceneFrame[] {
  const members = new Map<string, SceneElement[]>()
  for (const element of elements) {
    if (element.frameId === null) continue
    const others = members.get(element.frameId)
    if (others) others.push(element)
    else members.set(element.frameId, [element])
  }
  return elements.flatMap((frame) =>
    frame.type === 'frame' || frame.type === 'magicframe'
      ? { frame, elements: members.get(frame.id) ?? [] }
      : [],
  )
}
