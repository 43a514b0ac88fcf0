import { secretStoreContract } from '../../secrets/secret-store.contract.ts'
import { openMemory } from '../../testing/open-memory.ts'

secretStoreContract('SQLite', openMemory)
