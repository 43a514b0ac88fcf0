import { openMemory } from '../../testing/open-memory.ts'
import { tokenStoreContract } from '../../tokens/token-store.contract.ts'

tokenStoreContract('SQLite', openMemory)
