import { openMemory } from '../../testing/open-memory.ts'
import { placingContract } from '../../work/placing.contract.ts'

placingContract('SQLite', openMemory)
