import { openMemory } from '../../testing/open-memory.ts'
import { versionStoreContract } from '../../versions/version-store.contract.ts'

versionStoreContract('SQLite', openMemory)
