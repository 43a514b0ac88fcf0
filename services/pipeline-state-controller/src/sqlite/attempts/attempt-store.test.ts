import { attemptStoreContract } from '../../attempts/attempt-store.contract.ts'
import { openMemory } from '../../testing/open-memory.ts'

attemptStoreContract('SQLite', openMemory)
