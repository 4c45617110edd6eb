import { Type } from 'typebox'
import { idSchema } from '../http/fields.ts'

const amount = (description: string) => Type.Number({ minimum: 0, description })

const vitals = {
  id: idSchema,
  version: Type.String(),
  upSeconds: amount('age of the process'),
  silentSeconds: Type.Integer({
    minimum: 0,
    description: 'since it last reported; it is forgotten after a minute',
  }),
  reasons: Type.Array(Type.String(), { description: 'why it is not ready; none where it is' }),
  eventLoopUtilization: Type.Number({
    minimum: 0,
    maximum: 1,
    description: 'how much of its core it uses',
  }),
  memoryBytes: amount('resident memory'),
}

const apiSchema = Type.Object(
  {
    ...vitals,
    requestsPerSecond: amount('requests of people and gateways'),
    eventStreams: amount('open event streams'),
    documentJobs: amount('documents that are merged, exported or restored, or wait for it'),
    waitingForDatabase: amount('requests that wait for a connection to PostgreSQL'),
    publishingLagSeconds: amount('age of the oldest change that gateways have not received'),
  },
  { description: 'An API' },
)

const gatewaySchema = Type.Object(
  {
    ...vitals,
    connections: amount('open WebSockets'),
    rooms: amount('open boards'),
    editsPerSecond: amount('edits stored'),
    messagesPerSecond: amount('messages received from clients'),
    storeSeconds: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
      description: 'time to store a batch of edits; null where nothing was stored',
    }),
    unsavedBytes: amount('edits that are not stored yet'),
    oldestUnsavedSeconds: amount('age of the oldest of them'),
  },
  { description: 'A gateway' },
)

/** All instances, and what is queued. */
export const instancesSchema = Type.Object(
  {
    isComplete: Type.Boolean({
      description:
        'false while Dragonfly is away: then only this API and gateways that ask it are listed',
    }),
    apis: Type.Array(apiSchema),
    gateways: Type.Array(gatewaySchema),
    queues: Type.Object({
      boardsToMerge: Type.Integer({ description: 'boards whose updates wait to be merged' }),
      boardsFailing: Type.Integer({ description: 'those of them whose merge has failed before' }),
      quarantined: Type.Integer({
        description: 'stored updates and snapshots in quarantine, counted up to 1,000',
      }),
    }),
  },
  { description: 'All instances' },
)
