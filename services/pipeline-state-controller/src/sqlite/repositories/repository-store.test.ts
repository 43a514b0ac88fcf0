import { repositoryStoreContract } from '../../repositories/repository-store.contract.ts'
import { openMemory } from '../../testing/open-memory.ts'

repositoryStoreContract('SQLite', openMemory)
