import { eventsKept } from './events/event-log.ts'
import { type Store, write } from './store.ts'

const dayMs = 86_400_000
/** What only guards against repeats, in ms: hooks are redelivered by hand for a month, requests repeated for a day. */
const keptMs = { deliveries: 30 * dayMs, requests: dayMs, work: 3_600_000 } as const

/** Removes what only matters for a while. */
export function tidy(store: Store, now: Date): void {
  write(store, 'tidy', now, ({ db }) => {
    db.run('DELETE FROM deliveries WHERE at < ?', now.getTime() - keptMs.deliveries)
    db.run('DELETE FROM requests WHERE at < ?', now.getTime() - keptMs.requests)
    db.run('DELETE FROM work WHERE done_at < ?', now.getTime() - keptMs.work)
    db.run('DELETE FROM tokens WHERE expires_at < ?', now.getTime())
    db.run('DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - ?', eventsKept)
  })
}
