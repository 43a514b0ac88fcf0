export { type AppParts, createApp } from './app.ts'
export { type Config, readConfig } from './config.ts'
