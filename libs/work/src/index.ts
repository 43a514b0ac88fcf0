export { workOwner } from './owner.ts'
export { growingPauseMs } from './pause.ts'
export { startWorker, type Worker, type WorkerOptions, type WorkerStatus, type WorkOf } from './worker.ts'
