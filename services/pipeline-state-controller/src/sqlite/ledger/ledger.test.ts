import { ledgerContract } from '../../ledger/ledger.contract.ts'
import { openMemory } from '../../testing/open-memory.ts'
import { sweepContract } from '../../work/sweep.contract.ts'

ledgerContract('SQLite', openMemory)
sweepContract('SQLite', openMemory)
