export { type App, type AppParts, startApp } from './app.ts'
export { type Config, readConfig } from './config.ts'
