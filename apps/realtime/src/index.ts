export { buildGateway, type Gateway, type GatewayDeps } from './gateway.ts'
