import type { ExcalidrawImperativeAPI } from '@excalidraw/excalidraw/types'
import type { Board } from '@mindfuse/client'
import { callApi } from '@mindfuse/testing'
import { StrictMode, useEffect } from 'react'
import { expect } from 'vitest'
import { addressOf } from '../../../test/support/sdk-fixtures.ts'
import { test as base } from '../../react/test/fixtures.ts'
import type { BindingOptions } from '../src/excalidraw-binding.ts'
import { useExcalidrawBoard } from '../src/use-excalidraw-board.ts'
import { SimulatedExcalidraw } from './simulated-excalidraw.ts'

/** What the pictures of a board may have together. */
export const MAX_PICTURES_BYTES = 200_000

/** Shows a board in an Excalidraw. */
export function Bound({
  board,
  excalidraw,
  options,
}: {
  board: Board
  excalidraw: SimulatedExcalidraw
  options?: BindingOptions
}) {
  const props = useExcalidrawBoard(board, options)
  const { excalidrawAPI } = props
  excalidraw.props = props
  useEffect(
    () => excalidrawAPI(excalidraw as unknown as ExcalidrawImperativeAPI),
    [excalidrawAPI, excalidraw],
  )
  return null
}

/** A test of two people with an Excalidraw each, on one board. */
export const test = base
  .extend(
    'stackOptions',
    { scope: 'file' },
    { quotaLimits: { assetBytesPerBoard: MAX_PICTURES_BYTES } },
  )
  /** Shows a board in an Excalidraw. */
  .extend('bind', ({ show }) => async (board: Board, options: BindingOptions = {}) => {
    const excalidraw = new SimulatedExcalidraw()
    show(
      <StrictMode>
        <Bound board={board} excalidraw={excalidraw} options={options} />
      </StrictMode>,
    )
    await expect.poll(() => excalidraw.isConnected).toBe(true)
    return excalidraw
  })
  .extend('proxy', ({ startProxy }) => startProxy())
  .extend('his', ({ open, alan, stack, proxy }) => open(alan, {}, addressOf(stack, proxy)))
  .extend('adas', ({ bind, hers }) => bind(hers))
  .extend('alans', ({ bind, his }) => bind(his))
  .extend('setRole', ({ stack, boardId, ada, alan }) => async (role: string) => {
    const path = `${stack.apiUrl}/api/boards/${boardId}/members/${alan.user.id}`
    await callApi(path, { token: ada.accessToken, method: 'PUT', body: { role } })
  })
