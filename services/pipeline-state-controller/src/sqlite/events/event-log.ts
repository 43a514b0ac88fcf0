import type { StateEvent } from '@baton/state-client'
import type { EventLog } from '../../events/event-log.ts'
import { parse } from '../rows.ts'
import type { Store } from '../store.ts'

/** Events kept for followers that were cut off. */
export const eventsKept = 20_000

interface EventRow {
  id: number
  type: StateEvent['type']
  topics: string
  data: string
}

export function sqliteEventLog({ db }: Store): EventLog {
  const newest = (): number =>
    db.find<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'events'")?.seq ?? 0
  return {
    async since(id, limit) {
      const last = newest()
      const oldest = db.find<{ id: number | null }>('SELECT min(id) AS id FROM events')?.id ?? last + 1
      if (id > last || id < oldest - 1) return undefined
      const rows = db.list<EventRow>('SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?', id, limit)
      return rows.map(({ id, type, topics, data }) => ({
        id,
        type,
        topics: parse<string[]>(topics),
        data: parse(data),
      }))
    },
    newestId: async () => newest(),
  }
}
