import { openMemory } from '../../testing/open-memory.ts'
import { resolveContract } from '../../work/resolve.contract.ts'
import { workQueueContract } from '../../work/work-queue.contract.ts'

workQueueContract('SQLite', openMemory)
resolveContract('SQLite', openMemory)
