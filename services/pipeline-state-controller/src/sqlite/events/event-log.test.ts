import { eventLogContract } from '../../events/event-log.contract.ts'
import { openMemory } from '../../testing/open-memory.ts'

eventLogContract('SQLite', openMemory)
