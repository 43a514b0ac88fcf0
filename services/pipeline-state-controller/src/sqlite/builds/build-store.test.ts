import { buildStoreContract } from '../../builds/build-store.contract.ts'
import { openMemory } from '../../testing/open-memory.ts'

buildStoreContract('SQLite', openMemory)
