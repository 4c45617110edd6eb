/** An action of a menu. */
export interface MenuAction {
  label: string
  onChoose: () => void
  isDangerous?: boolean
}

/** One of several values of a menu. */
export interface MenuChoice {
  label: string
  value: string
  options: readonly { value: string; label: string; lang?: string }[]
  onChoose: (value: string) => void
}

/** What a menu is made of. */
export type MenuEntry = MenuAction | MenuChoice
