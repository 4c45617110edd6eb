/**
 * Who may come in: a person who signs in, somebody with a link and no account, a user of a product that
 * embeds boards, a program with a key.
 */
export const USER_KINDS = ['person', 'guest', 'app_user', 'key'] as const

/** One of {@link USER_KINDS}. */
export type UserKind = (typeof USER_KINDS)[number]
