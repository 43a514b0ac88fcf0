export { exitCodes } from './attempt/exit-codes.ts'
export { type BundleOptions, bundlePipeline, type Esbuild } from './bundle/bundle-pipeline.ts'
export { errors as processErrors } from './errors.ts'
