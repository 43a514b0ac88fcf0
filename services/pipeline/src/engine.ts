/** What a bundle of a pipeline holds besides the user's own code: the library, and the process that runs it. */
export * from '@baton/pipeline/library'
export { main } from './main.ts'
