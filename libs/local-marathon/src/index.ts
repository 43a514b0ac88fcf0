export { type LocalMarathon, type LocalMarathonOptions, startLocalMarathon } from './start.ts'
