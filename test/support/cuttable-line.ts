import type { BrowserContext, WebSocketRoute } from 'playwright-core'

/**
 * What reaches the gateway, and the files of the API, until it is cut; pages that are open notice.
 * A client keeps the constructor of sockets that was there when it was made: load the page after this.
 */
export async function cuttableLine(context: BrowserContext, gatewayUrl: string) {
  const sockets: WebSocketRoute[] = []
  let isCut = false
  await context.routeWebSocket(`${new URL(gatewayUrl).origin}/**`, (socket) => {
    sockets.push(socket)
    if (isCut) void socket.close()
    else socket.connectToServer()
  })
  await context.route('**/api/boards/*/assets/**', (route) =>
    isCut ? route.abort() : route.continue(),
  )
  return {
    cut() {
      isCut = true
      for (const socket of sockets.splice(0)) void socket.close()
    },
    pass() {
      isCut = false
    },
  }
}
