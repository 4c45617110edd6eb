/** A child of an element; null, undefined and false are skipped. */
export type Child = Node | string | null | undefined | false

/** Attributes, `class`, properties like `disabled`, and listeners under `on`. */
export interface Props {
  on?: { [Name in keyof HTMLElementEventMap]?: (event: HTMLElementEventMap[Name]) => void }
  [attribute: string]: unknown
}

/** Creates an element: `h('button', { class: 'primary', on: { click } }, 'Save')`. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  { on = {}, ...attributes }: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  setAttributes(element, attributes)
  for (const [name, listener] of Object.entries(on)) {
    element.addEventListener(name, listener as EventListener)
  }
  element.append(...present(children))
  return element
}

/** Replaces the children of an element. */
export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...present(children))
}

/** As in `h`: true sets an attribute without a value, false and undefined remove it. */
export function setAttributes(element: Element, attributes: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'value') (element as HTMLInputElement).value = String(value)
    else if (value === false || value === undefined || value === null) element.removeAttribute(name)
    else
      element.setAttribute(name, value === true && !name.startsWith('aria-') ? '' : String(value))
  }
}

function present(children: Child[]): (Node | string)[] {
  return children.filter(
    (child): child is Node | string => child !== null && child !== undefined && child !== false,
  )
}

/** A name for the middle of a sentence: its direction, right to left or not, ends with it. */
export function isolate(name: string): string {
  return `\u2068${name}\u2069`
}
