import { lazy } from 'react'
import { whenIdle } from './when-idle.ts'

const loadName = () => import('./name-dialog.tsx')
const loadConfirm = () => import('./confirm-dialog.tsx')

/** Loaded when one is opened, or before, once the page is there. */
export const NameDialog = lazy(loadName)
export const ConfirmDialog = lazy(loadConfirm)
whenIdle(async () => {
  await loadName()
  await loadConfirm()
})
