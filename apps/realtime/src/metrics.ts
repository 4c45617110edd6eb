import { MERGE_OUTCOMES } from '@mindfuse/internal'
import { BOARD_SIZE_STEPS, DRAFT_REFUSALS, EDIT_REFUSALS } from '@mindfuse/protocol'
import { collectProcessMetrics, type Release } from '@mindfuse/service-kit'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { AwarenessOutcomes, Received, Sent, type Traffic } from './connection/traffic.ts'

/** What a gateway counts; names follow Prometheus' conventions and say their unit. */
export interface Metrics {
  /** Outcomes of admission: `admitted`, or the refusal's code. */
  admissions: Counter<'outcome'>
  /** Lookups of what a person with a token may do: `hit` is proved by what is kept, `miss` asks the API. */
  permissionLookups: Counter<'outcome'>
  /** Binary and text frames received. */
  received: Received
  /** Binary and text frames sent; counted where they are sent. */
  sent: Sent
  /** Awareness that was not handled as it arrived; counted where it arrives. */
  awareness: AwarenessOutcomes
  /** Closed connections, by close code: 4508 are those that read too slowly. */
  closes: Counter<'code'>
  /** Connections of dead gateways whose presence was removed. */
  presenceReaped: Counter
  /** Gaps in the messages of other gateways. */
  relayGaps: Counter
  /** Fetches of stored updates that were missing here. */
  repairs: Counter
  /** Stored updates that the database lost, as far as boards are open that had them. */
  lostPositions: Counter
  /** Stored updates that the database lost of boards that nobody has open here any more. */
  unrestoredPositions: Counter
  /** Boards that were compared with a database that may have lost some of them, by outcome. */
  restorations: Counter<'outcome'>
  /** Bytes that the database had lost and that were stored again. */
  restoredBytes: Counter
  /** Merges of open boards that the API was asked for, by outcome. */
  merges: Counter<'outcome'>
  /** Time to load a board, from the request to the API until it is open. */
  loading: Histogram
  /** Updates in a stored batch, and the time it took, all attempts together. */
  batchUpdates: Histogram
  storing: Histogram
  /** Stored updates and snapshots that cannot be read. */
  unreadable: Counter
  /** Sync step 1 frames answered, by how. */
  answers: Counter<'path'>
  /** Edits of clients that were rejected, by code. */
  refusedEdits: Counter<'code'>
  /** Broadcasts of clients, by outcome: `handed_on`, or the refusal's code. */
  broadcasts: Counter<'outcome'>
  /** Messages about drafts of clients, by outcome: `accepted`, or the refusal's code. */
  drafts: Counter<'outcome'>
  /** Time to handle a frame, including what is sent at once; of one in {@link TIMED_FRAMES}. */
  handling: Histogram<'kind'>
  /** The text format of all of them. */
  render(): Promise<{ contentType: string; body: string }>
}

/** One in so many frames is timed: reading the clock and counting cost more than a cursor. */
const TIMED_FRAMES = 64

/** Counts a frame that was received. @returns what ends its time, where it is timed */
export function countFrame(
  { received, handling }: Pick<Metrics, 'received' | 'handling'>,
  { bytes, isBinary }: { bytes: number; isBinary: boolean },
): (() => void) | undefined {
  const kind = isBinary ? 'binary' : 'text'
  const isTimed = received[kind].add(bytes) % TIMED_FRAMES === 1
  return isTimed ? handling.startTimer({ kind }) : undefined
}

/** Bounds of the handling histogram, seconds. */
const HANDLING_BUCKETS = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25]

/** Bounds of the storage histograms, seconds. */
const STORAGE_BUCKETS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 30]

/**
 * How often the lag of the event loop is sampled, milliseconds; it is part of what
 * `nodejs_eventloop_lag_*` report. Each sample wakes the process: with 10, the default, that was 6 % of
 * the CPU of a gateway with one busy board.
 */
const LAG_SAMPLE_INTERVAL_MS = 50

/** @param deps read at each scrape */
export function createMetrics(deps: {
  connections: () => number
  channelMembers: () => number
  channels: () => number
  rooms: () => number
  nearlyFullRooms: () => number
  unsavedBytes: () => number
  boardMemory: () => { bytes: number; maxBytes: number }
  unread: { bytes: number; waiting: number }
  backlogBytes: () => number
  oldestUnsavedMs: () => number
  clock: { seconds: number }
  vouching: { unheardMs: number; hold: { isHeld: boolean } }
  sharedState: { isConnected(): boolean }
  release?: Release | undefined
}): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectProcessMetrics({
    registry,
    release: deps.release,
    lagSampleIntervalMs: LAG_SAMPLE_INTERVAL_MS,
  })
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  gauge('realtime_connections', 'Open WebSockets', deps.connections)
  gauge('realtime_rooms', 'Open boards', deps.rooms)
  gauge('realtime_channels', 'Open channels', deps.channels)
  gauge('realtime_channel_members', 'Channels of all WebSockets', deps.channelMembers)
  gauge(
    'realtime_nearly_full_rooms',
    `Open boards that use ${100 * BOARD_SIZE_STEPS[0]} % or more of what a board may have`,
    deps.nearlyFullRooms,
  )
  gauge('realtime_unsaved_bytes', 'Edits that are not stored yet', deps.unsavedBytes)
  const { unread } = deps
  gauge('realtime_board_bytes', 'Bytes of the open boards', () => deps.boardMemory().bytes)
  gauge(
    'realtime_board_bytes_limit',
    'Bytes of open boards from which no further one is opened',
    () => deps.boardMemory().maxBytes,
  )
  gauge(
    'realtime_unread_document_bytes',
    'Memory of answers to sync step 1 that their readers have not taken',
    () => unread.bytes,
  )
  gauge(
    'realtime_backlog_bytes',
    'What connections that are behind have not read, documents not counted',
    deps.backlogBytes,
  )
  gauge(
    'realtime_waiting_answers',
    'Connections whose answer to sync step 1 waits until others are read',
    () => unread.waiting,
  )
  gauge(
    'realtime_oldest_unsaved_seconds',
    'Age of the oldest edit that is not stored yet',
    () => deps.oldestUnsavedMs() / 1_000,
  )

  gauge(
    'realtime_clock_skew_seconds',
    'How far the clock of this process is ahead of that of the API',
    () => deps.clock.seconds,
  )
  const { vouching } = deps
  gauge(
    'realtime_unheard_seconds',
    'Time since the API was last heard of, directly or over pub/sub',
    () => vouching.unheardMs / 1_000,
  )
  gauge(
    'realtime_held',
    'Whether delivery is held until the API confirms who may do what: 0 or 1',
    () => Number(vouching.hold.isHeld),
  )

  gauge('redis_up', 'Whether Dragonfly answered when it was last asked: 0 or 1', () =>
    Number(deps.sharedState.isConnected()),
  )

  const byKind = (direction: 'received' | 'sent', kinds: Record<string, Traffic>) => {
    const counter = (name: string, help: string, what: 'frames' | 'bytes') =>
      new Counter({
        name,
        help,
        labelNames: ['kind'],
        registers,
        collect() {
          this.reset()
          for (const [kind, traffic] of Object.entries(kinds)) this.inc({ kind }, traffic[what])
        },
      })
    counter(`realtime_frames_${direction}_total`, `Frames ${direction}, by kind`, 'frames')
    counter(`realtime_${direction}_bytes_total`, `Bytes ${direction} in frames, by kind`, 'bytes')
  }
  const received = new Received()
  const { binary, text } = received
  byKind('received', { binary, text })
  const sent = new Sent()
  const { sync, awareness, presence, draft, broadcast, message } = sent
  byKind('sent', { sync, awareness, presence, draft, broadcast, message })
  new Counter({
    name: 'realtime_presence_shed_total',
    help: 'Presence, awareness, draft and broadcast frames withheld from readers that were behind',
    registers,
    collect() {
      this.reset()
      this.inc(sent.shed)
    },
  })

  const outcomes = new AwarenessOutcomes()
  new Counter({
    name: 'realtime_awareness_limited_total',
    help: 'Awareness over a rate, conflated, or over a size, dropped',
    labelNames: ['outcome'],
    registers,
    collect() {
      this.reset()
      this.inc({ outcome: 'conflated' }, outcomes.conflated)
      this.inc({ outcome: 'dropped' }, outcomes.dropped)
    },
  })

  const refusedEdits = new Counter({
    name: 'realtime_edits_refused_total',
    help: 'Edits of clients that were rejected, by code',
    labelNames: ['code'],
    registers,
  })
  // From 0 on, so that an alert sees the first.
  for (const code of EDIT_REFUSALS) refusedEdits.inc({ code }, 0)

  const merges = new Counter({
    name: 'realtime_merges_total',
    help: 'Merges of open boards, asked for to make room, by outcome',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of [...MERGE_OUTCOMES, 'failed']) merges.inc({ outcome }, 0)

  const drafts = new Counter({
    name: 'realtime_drafts_total',
    help: 'Messages about drafts from clients, by outcome',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of ['accepted', ...DRAFT_REFUSALS]) drafts.inc({ outcome }, 0)

  return {
    received,
    sent,
    awareness: outcomes,
    merges,
    admissions: new Counter({
      name: 'realtime_admissions_total',
      help: 'Upgrades decided on, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    permissionLookups: new Counter({
      name: 'realtime_permission_lookups_total',
      help: 'Lookups of roles, by whether what is kept was proved',
      labelNames: ['outcome'],
      registers,
    }),
    closes: new Counter({
      name: 'realtime_closes_total',
      help: 'Closed connections, by close code',
      labelNames: ['code'],
      registers,
    }),
    presenceReaped: new Counter({
      name: 'realtime_presence_reaped_total',
      help: 'Connections of dead gateways whose presence was removed',
      registers,
    }),
    relayGaps: new Counter({
      name: 'realtime_relay_gaps_total',
      help: 'Gaps in the messages of other gateways',
      registers,
    }),
    repairs: new Counter({
      name: 'realtime_repairs_total',
      help: 'Fetches of stored updates that were missing here',
      registers,
    }),
    lostPositions: new Counter({
      name: 'realtime_lost_positions_total',
      help: 'Stored updates of open boards that the database lost',
      registers,
    }),
    unrestoredPositions: new Counter({
      name: 'realtime_unrestored_positions_total',
      help: 'Stored updates that the database lost of boards that were closed before',
      registers,
    }),
    restorations: new Counter({
      name: 'realtime_restorations_total',
      help: 'Boards that were compared with a database that may have lost some of them',
      labelNames: ['outcome'],
      registers,
    }),
    restoredBytes: new Counter({
      name: 'realtime_restored_bytes_total',
      help: 'Bytes of edits that the database had lost and that were stored again',
      registers,
    }),
    loading: new Histogram({
      name: 'realtime_board_load_seconds',
      help: 'Time to load a board, from the request to the API until it is open',
      buckets: STORAGE_BUCKETS,
      registers,
    }),
    batchUpdates: new Histogram({
      name: 'realtime_batch_updates',
      help: 'Updates in a stored batch',
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 1_000, 10_000],
      registers,
    }),
    storing: new Histogram({
      name: 'realtime_store_seconds',
      help: 'Time to store a batch, all attempts together',
      buckets: STORAGE_BUCKETS,
      registers,
    }),
    unreadable: new Counter({
      name: 'realtime_unreadable_total',
      help: 'Stored updates and snapshots that cannot be read and were left out',
      registers,
    }),
    answers: new Counter({
      name: 'realtime_answers_total',
      help: 'Sync step 1 frames answered, by how',
      labelNames: ['path'],
      registers,
    }),
    refusedEdits,
    broadcasts: new Counter({
      name: 'realtime_broadcasts_total',
      help: 'Broadcasts from clients, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    drafts,
    handling: new Histogram({
      name: 'realtime_frame_handling_seconds',
      help: `Time to handle a frame, of one in ${TIMED_FRAMES}`,
      labelNames: ['kind'],
      buckets: HANDLING_BUCKETS,
      registers,
    }),
    render: async () => ({ contentType: registry.contentType, body: await registry.metrics() }),
  }
}
