export type { LocalMarathonOptions } from './options.ts'
export { type LocalMarathon, startLocalMarathon } from './start.ts'
