import type { HttpRequest, HttpResponse, TemplatedApp } from 'uWebSockets.js'
import type { OriginCheck } from '@mindfuse/service-kit'
import type { Admission } from '../admission/admission.ts'
import type { AddressReader } from '../admission/client-address.ts'
import { Refusal } from '../admission/refusal.ts'
import { CHANNELS_PATHS, readUpgradeRequest, UPGRADE_PATHS } from '../admission/upgrade-request.ts'
import type { NameAnswer } from '../answer-names.ts'
import { sendProblem } from '../problem-response.ts'
import { sendPreflight } from './responses.ts'

/**
 * Answers a plain GET of a WebSocket's URL with what an upgrade would be answered: a browser cannot
 * see why its upgrade failed.
 */
export function registerUpgradeExplanation(
  app: TemplatedApp,
  deps: {
    admission: Admission
    addressOf: AddressReader
    allowsOrigin: OriginCheck
    nameAnswer: NameAnswer
  },
): void {
  const { admission, addressOf, allowsOrigin, nameAnswer } = deps

  const explain = async (response: HttpResponse, request: HttpRequest): Promise<void> => {
    if (request.getHeader('sec-websocket-key') !== '') {
      // An upgrade that a later route takes.
      request.setYield(true)
      return
    }
    let isAborted = false
    response.onAborted(() => {
      isAborted = true
    })
    const upgradeRequest = readUpgradeRequest(request, addressOf(response, request))
    const names = { ...nameAnswer(request), requestId: upgradeRequest.requestId }
    const { origin } = upgradeRequest
    const refusal = await admission.decide(upgradeRequest, () => undefined)
    const mayRead = origin !== undefined && allowsOrigin(origin)
    if (!isAborted)
      sendProblem(response, refusal ?? upgradeRequired(), names, mayRead ? origin : undefined)
  }

  /** A page's `fetch` with `Authorization` asks first whether it may (CORS preflight). */
  const allow = (response: HttpResponse, request: HttpRequest): void => {
    const origin = request.getHeader('origin')
    sendPreflight(response, nameAnswer(request), allowsOrigin(origin) ? origin : undefined)
  }

  for (const path of [...UPGRADE_PATHS, ...CHANNELS_PATHS]) {
    app.get(path, (response, request) => void explain(response, request)).options(path, allow)
  }
}

function upgradeRequired(): Refusal {
  return new Refusal(426, 'upgrade_required', 'You may connect: open a WebSocket to this URL')
}
