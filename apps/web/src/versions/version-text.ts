import type { Version } from '@mindfuse/client'
import type { Messages } from '../language/messages.ts'

/** What a version is called: its name, or what it was kept for. */
export function versionText({ name }: Pick<Version, 'name'>, { text }: Messages): string {
  return name ?? text('versions.automatic')
}

/** The name of a person in a record; their account may be deleted. */
export function personText(name: string | null, { text }: Messages): string {
  return name ?? text('versions.deletedAccount')
}
