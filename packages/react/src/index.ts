'use client'

export { MindfuseProvider, type MindfuseProviderProps, useClient } from './provider.ts'
export { type UseBoardOptions, useBoard } from './use-board.ts'
export { useBoardName, useCanEdit, useRole, useSaved, useStatus } from './use-board-state.ts'
export { type BoardList, type UseBoardsOptions, useBoards, useEvents } from './use-boards.ts'
export { useBroadcast } from './use-broadcast.ts'
export {
  type ChannelSubscription,
  type UseChannelOptions,
  type UsedChannel,
  useChannel,
} from './use-channel.ts'
export { useDocument } from './use-document.ts'
export { type OtherConnection, useOthers, useSelf } from './use-presence.ts'
