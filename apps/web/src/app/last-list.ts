import { paths } from './router.ts'

const KEY = 'mindfuse:list'

/** Remembers which list of boards this tab shows, as where the way leads back to from a board. */
export function rememberList(): void {
  sessionStorage.setItem(KEY, location.pathname)
}

/** The list of boards that this tab showed last. */
export function lastList(): string {
  return sessionStorage.getItem(KEY) ?? paths.home
}
