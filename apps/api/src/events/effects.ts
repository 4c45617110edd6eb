import type { EventType } from '@mindfuse/internal'

/**
 * What a change does to a list where its thing is still there; where it is not, and for people who
 * no longer see it, that is always `delete`.
 */
export type Presence = 'add' | 'update'

/** Whose lists a change touches: of everyone who sees the thing, or of the person it is about. */
type Whose = 'everyone' | 'person'

/** What a change does to the lists that people watch. */
export interface Effects {
  /** To the board it is about, or to all whose access it names. */
  boards?: { as: Presence; whose: Whose; which: 'board' | 'access' }
  /** To the members of the workspace, or of the board. */
  members?: { as: Presence; of: 'workspace' | 'board' }
  workspaces?: { as: Presence; whose: Whose }
  invites?: { as: Presence }
  /** To what is offered to people, and to what managers of the workspace see of that. */
  memberships?: { as: Presence }
  /** It touches so much that the people concerned get their whole list again. */
  reload?: true
}

const BOARD_UPDATED: Effects = { boards: { as: 'update', whose: 'everyone', which: 'board' } }
/** Another role, or one member less, makes a new version of the workspace, which all of them see. */
const WORKSPACE_MEMBER_UPDATED: Effects = {
  workspaces: { as: 'update', whose: 'everyone' },
  boards: { as: 'update', whose: 'person', which: 'access' },
  members: { as: 'update', of: 'workspace' },
}

const NOTHING: Effects = {}

const EFFECTS: Record<EventType, Effects> = {
  'workspace.created': { workspaces: { as: 'add', whose: 'everyone' } },
  'workspace.updated': { workspaces: { as: 'update', whose: 'everyone' } },
  'workspace.deleted': {
    boards: { as: 'update', whose: 'everyone', which: 'access' },
    workspaces: { as: 'update', whose: 'everyone' },
  },
  'workspace.member_added': {
    workspaces: { as: 'add', whose: 'person' },
    boards: { as: 'add', whose: 'person', which: 'access' },
    members: { as: 'add', of: 'workspace' },
  },
  'workspace.member_updated': WORKSPACE_MEMBER_UPDATED,
  'workspace.member_removed': WORKSPACE_MEMBER_UPDATED,
  'board.created': { boards: { as: 'add', whose: 'everyone', which: 'board' } },
  'board.updated': BOARD_UPDATED,
  // Told in both workspaces: see `tellBoards`.
  'board.moved': { boards: { as: 'add', whose: 'everyone', which: 'board' } },
  'board.trashed': BOARD_UPDATED,
  'board.restored': { boards: { as: 'add', whose: 'everyone', which: 'board' } },
  'board.deleted': BOARD_UPDATED,
  'board.document_changed': NOTHING,
  'board.member_added': {
    boards: { as: 'add', whose: 'person', which: 'board' },
    members: { as: 'add', of: 'board' },
  },
  'board.member_updated': {
    boards: { as: 'update', whose: 'person', which: 'board' },
    members: { as: 'update', of: 'board' },
  },
  'board.member_removed': {
    boards: { as: 'update', whose: 'person', which: 'board' },
    members: { as: 'update', of: 'board' },
  },
  'invite.created': { invites: { as: 'add' } },
  'invite.revoked': { invites: { as: 'update' } },
  'invite.accepted': {
    boards: { as: 'add', whose: 'person', which: 'board' },
    members: { as: 'add', of: 'board' },
    invites: { as: 'update' },
  },
  // Lists of links and guests are read when they are looked at.
  'link.created': NOTHING,
  'link.opened': NOTHING,
  'link.revoked': NOTHING,
  'link.expired': NOTHING,
  'guest.removed': NOTHING,
  'guest.signed_in': NOTHING,
  'membership.offered': { memberships: { as: 'add' } },
  'membership.withdrawn': { memberships: { as: 'update' } },
  'membership.accepted': { memberships: { as: 'update' } },
  'membership.declined': { memberships: { as: 'update' } },
  'version.created': NOTHING,
  'version.deleted': NOTHING,
  'asset.added': NOTHING,
  'asset.removed': NOTHING,
  'session.revoked': NOTHING,
  'key.created': NOTHING,
  'key.revoked': NOTHING,
  // Names are read with the lists that have them.
  'user.updated': NOTHING,
  // Boards they created no longer name a creator, and those of their own workspaces are gone.
  'user.deleted': { reload: true },
}

/** See {@link Effects}. A type that only a newer API knows has none here. */
export function effectsOf(type: EventType): Effects {
  return EFFECTS[type] ?? NOTHING
}
