export { type Answer, callApi, createBoard } from './api-calls.ts'
export { type AwarenessState, awarenessFrame, awarenessStates } from './awareness.ts'
export { Browser, type SignedIn, signIn } from './browser.ts'
export { type ChannelClient, connectChannels } from './channel-client.ts'
export { eventually } from './eventually.ts'
export {
  deleteOfFirst,
  escapes,
  itemsInRow,
  manyObjects,
  moveInArray,
  nestedMaps,
  poison,
  scatteredClients,
  valuesOfKey,
  weakLink,
} from './hostile-updates.ts'
export { connectRaw, type RawClient, type Refused } from './raw-client.ts'
export { type RedisServer, startRedis } from './redis-server.ts'
export { S3_FAULTS, type S3Fault, someFail } from './s3-server/faults.ts'
export { type S3Server, startS3Server } from './s3-server/s3-server.ts'
export { connectStockClient, type StockClient } from './stock-client.ts'
export { startTcpProxy, TcpProxy } from './tcp-proxy/tcp-proxy.ts'
export { createTestDatabase, type TestDatabase } from './test-database.ts'
export { BareSocket, openBareSocket } from './web-socket/bare-socket.ts'
export { encodeClientFrame, OPCODES } from './web-socket/frames.ts'
export { connectWhiteboard, type WhiteboardClient } from './whiteboard-client.ts'
