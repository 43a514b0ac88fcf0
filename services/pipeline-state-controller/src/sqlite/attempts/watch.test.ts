import { openMemory } from '../../testing/open-memory.ts'
import { watchContract } from '../../work/watch.contract.ts'

watchContract('SQLite', openMemory)
