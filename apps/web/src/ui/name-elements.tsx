import type { ReactNode } from 'react'

/** The elements `n` and `b` of a text: a name, and one that stands out. Each has a direction of its own. */
export const NAME_ELEMENTS = {
  n: (name: ReactNode) => <bdi>{name}</bdi>,
  b: (name: ReactNode) => (
    <strong>
      <bdi>{name}</bdi>
    </strong>
  ),
}
