import type { Locator } from 'playwright-core'

/** More than there is to stop at on any page. */
const MAX_TABS = 100

/** Presses Tab until this has the focus, as people without a pointer do. */
export async function tabTo(target: Locator): Promise<void> {
  await target.waitFor()
  for (let i = 0; i < MAX_TABS; i++) {
    await target.page().keyboard.press('Tab')
    if (await hasFocus(target)) return
  }
  throw new Error(`Tab does not lead to ${target}`)
}

/** Whether this has the focus. */
export async function hasFocus(target: Locator): Promise<boolean> {
  return target.evaluate((element: any) => element === element.ownerDocument.activeElement)
}
