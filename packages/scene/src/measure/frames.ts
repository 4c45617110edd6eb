import type { ElementOf, SceneElement } from '../elements/element.ts'

/** A frame of either kind. */
export type Frame = ElementOf<'frame'> | ElementOf<'magicframe'>

/** A frame and what is in it. */
export interface SceneFrame {
  readonly frame: Frame
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
    isFrame(frame) ? { frame, elements: members.get(frame.id) ?? [] } : [],
  )
}

/** Whether an element is a frame. */
export function isFrame(element: SceneElement): element is Frame {
  return element.type === 'frame' || element.type === 'magicframe'
}
