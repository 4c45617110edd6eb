import type { BoardDetails } from '@mindfuse/client'
import type { ReactNode } from 'react'
import { paths } from '../app/router.ts'
import { useMessages } from '../language/language.ts'
import { Avatar } from '../ui/avatar.tsx'
import { isolateIfNeeded } from '../ui/isolate.ts'
import { fullName } from '../ui/kinds.ts'
import { MenuButton } from '../ui/menu-button.tsx'
import type { MenuEntry } from '../ui/menu-entry.ts'
import { Thumbnail } from './thumbnail.tsx'
import type { Person } from './use-whereabouts.ts'

/** Avatars shown at most; the rest is a count. */
const MAX_AVATARS = 3

/** A board in a list: thumbnail, name, a note below it, and a menu. */
export function BoardCard({
  board,
  thumbnailUrl,
  readThumbnailUrl,
  thumbnailSent,
  note,
  people = [],
  entries,
  isLink = true,
}: {
  board: Pick<BoardDetails, 'id' | 'name'>
  thumbnailUrl: string | null
  /** As {@link Thumbnail} reads it again. */
  readThumbnailUrl: () => Promise<string | null>
  thumbnailSent?: Promise<void> | undefined
  note: ReactNode
  /** Who has it open. */
  people?: readonly Person[]
  entries: readonly MenuEntry[]
  /** Whether it can be opened; false in the trash. */
  isLink?: boolean
}) {
  const { text } = useMessages()
  const face = (
    <>
      <Thumbnail url={thumbnailUrl} readAgain={readThumbnailUrl} sent={thumbnailSent} />
      <span className="card-name">
        <bdi>{board.name}</bdi>
      </span>
    </>
  )
  return (
    <li className="card">
      {isLink ? (
        <a className="card-link" href={paths.board(board.id)}>
          {face}
        </a>
      ) : (
        <span className="card-link">{face}</span>
      )}
      {people.length > 0 && <PeopleOn boardId={board.id} people={people} />}
      <span className="card-note">{note}</span>
      {entries.length > 0 && (
        <MenuButton
          label={text('board.actions', { name: isolateIfNeeded(board.name) })}
          entries={entries}
        />
      )}
    </li>
  )
}

/** Their avatars, which lead to where they are. */
function PeopleOn({ boardId, people }: { boardId: string; people: readonly Person[] }) {
  const { text } = useMessages()
  const rest = people.length - MAX_AVATARS
  return (
    <ul className="people" aria-label={text('board.people')}>
      {people.slice(0, MAX_AVATARS).map((person) => {
        const label = text('board.follow', { name: isolateIfNeeded(fullName(person)) })
        const href = `${paths.board(boardId)}?follow=${encodeURIComponent(person.id)}`
        return (
          <li key={person.id}>
            <a href={href} title={label} aria-label={label}>
              <Avatar person={person} />
            </a>
          </li>
        )
      })}
      {rest > 0 && (
        <li className="avatar rest" title={text('board.morePeople', { count: rest })}>
          +{rest}
        </li>
      )}
    </ul>
  )
}
