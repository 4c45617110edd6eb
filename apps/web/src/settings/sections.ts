import type { Workspace } from '@mindfuse/client'
import type { SettingsSection } from '../app/router.ts'

/** The sections that the user finds in the settings of a workspace; there is always one. */
export function sectionsOf({ type, access: { can } }: Workspace): SettingsSection[] {
  const sections: (SettingsSection | false)[] = [
    (type === 'team' || can.rename) && 'general',
    type === 'team' && 'members',
    can.manageKeys && 'keys',
    'usage',
    can.readAudit && 'audit',
  ]
  return sections.filter((section) => section !== false)
}
