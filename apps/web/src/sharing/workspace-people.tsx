import { paths } from '../app/router.ts'
import { useMessages } from '../language/language.ts'
import { Avatar } from '../ui/avatar.tsx'
import { isolate } from '../ui/isolate.ts'
import { ListSection, RowText } from './list-section.tsx'
import { ROLE_BY_WORKSPACE_ROLE, roleText } from './roles.ts'
import type { Sharing } from './sharing.ts'
import type { BoardWorkspace } from './use-sharing.ts'

/** Who has access to a board by its workspace, which is where that is changed. */
export function WorkspacePeople({ app, workspace }: Sharing & { workspace: BoardWorkspace }) {
  const messages = useMessages()
  const { text } = messages
  const { id, name, canManage, people, hasMore } = workspace
  return (
    <>
      <ListSection title={text('share.byWorkspace', { name: isolate(name) })} items={people}>
        {(person) => (
          <li key={person.userId}>
            <Avatar person={{ id: person.userId, name: person.name }} />
            <RowText more={person.email}>
              <bdi>{person.name}</bdi>
              {person.userId === app.user.id && ` ${text('share.self')}`}
            </RowText>
            <span className="hint">{roleText(ROLE_BY_WORKSPACE_ROLE[person.role], messages)}</span>
          </li>
        )}
      </ListSection>
      {people.length > 0 && (canManage || hasMore) && (
        <a href={paths.settings(id, 'members')}>{text('share.byWorkspace.all')}</a>
      )}
    </>
  )
}
