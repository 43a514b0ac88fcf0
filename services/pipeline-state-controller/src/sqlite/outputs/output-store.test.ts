import { outputStoreContract } from '../../outputs/output-store.contract.ts'
import { openMemory } from '../../testing/open-memory.ts'

outputStoreContract('SQLite', openMemory)
