export type * from './wire/index.ts'
