import { storage } from '../ui/storage.ts'
import { paths } from './router.ts'

const KEY = 'mindfuse:list'

/** Remembers which list of boards this tab shows, as where the way leads back to from a board. */
export function rememberList(): void {
  storage('sessionStorage')?.setItem(KEY, location.pathname)
}

/** The list of boards that this tab showed last. */
export function lastList(): string {
  return storage('sessionStorage')?.getItem(KEY) ?? paths.home
}
