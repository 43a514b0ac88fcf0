import { attemptLifeContract } from '../../attempts/attempt-life.contract.ts'
import { openMemory } from '../../testing/open-memory.ts'

attemptLifeContract('SQLite', openMemory)
