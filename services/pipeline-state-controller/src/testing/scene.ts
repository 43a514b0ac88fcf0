import { onTestFinished } from 'vitest'
import type { Config } from '../config.ts'
import type { Ports } from '../ports.ts'
import { Scene } from './stage.ts'

export { nameOf, Scene, type WorkOf } from './stage.ts'

type Settings = Pick<
  Config,
  | 'leaseMs'
  | 'placingMax'
  | 'placingMs'
  | 'silenceMaxMs'
  | 'stopMaxMs'
  | 'reconcileMs'
  | 'sweepMs'
  | 'sweepHookedMs'
  | 'sweepsMax'
>

/** Opens an empty store with these settings, which the adapter's own test has defaults for. */
export type OpenPorts = (settings: Partial<Settings>) => Promise<Ports & { close(): void | Promise<void> }>

/** A scene on an empty store, which is closed when the test is over. */
export async function openScene(open: OpenPorts, settings: Partial<Settings> = {}): Promise<Scene> {
  const ports = await open(settings)
  onTestFinished(() => ports.close())
  return new Scene(ports)
}
