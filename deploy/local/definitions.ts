import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppDefinition } from '@baton/marathon'
import { digestOfBytes } from '../release/digest.ts'
import type { ProcessName } from '../release/parts.ts'
import type { Release } from '../release/release.ts'
import { marathonUser, type PlatformFile } from './platform-file.ts'

/** The services, in the order they are started: the others wait for the controller instead of exiting. */
export const services = ['pipeline-state-controller', 'pipeline-builder', 'pipeline-spawner'] as const
export type ServiceName = (typeof services)[number] & ProcessName

export const appIdOfService = (service: ServiceName): string => `/baton/${service}`

/** The label that tells which definition a running app has: a digest that leaves out where the release lies. */
export const definitionLabel = 'BATON_DEFINITION'

/** An app definition as it is posted. */
export type ServiceDefinition = AppDefinition & {
  readonly instances: number
  readonly labels: Readonly<Record<string, string>>
}

type Values = Readonly<Record<string, string | number | undefined>>

/**
 * The definition of `service`, from its template in marathon/. A setting whose value is not given is left out. Its label
 * changes exactly when the app has to be rolled: when the template, a setting, or what the service runs on changed.
 */
export function definitionOf(checkout: string, service: ServiceName, values: Values, part: string): ServiceDefinition {
  const template = JSON.parse(readFileSync(join(checkout, 'marathon', `${service}.json`), 'utf8')) as unknown
  const definition = digestOfBytes(JSON.stringify([fill(template, { ...values, RELEASE: '' }), part])).slice(0, 32)
  return fill(template, { ...values, DEFINITION: definition }) as ServiceDefinition
}

/** Everything the templates may name. */
export function valuesOf(root: string, platform: PlatformFile, release: Release): Values {
  return {
    NODE: process.execPath,
    RELEASE: release.dir,
    DATA: root,
    HOST: platform.host,
    INSTALLATION: platform.installation,
    MARATHON_URL: platform.marathonUrl,
    MARATHON_USER: marathonUser,
    STATE_URL: platform.stateUrl,
    BUILDER_URL: platform.builderUrl,
    CONTROLLER_PORT: platform.ports.controller,
    BUILDER_PORT: platform.ports.builder,
    SPAWNER_PORT: platform.ports.spawner,
    BUILD_USER: platform.buildUser ?? undefined,
    CRASH_DIR: process.env['BATON_CRASH_DIR'],
    GRAPHITE_HOST: process.env['GRAPHITE_HOST'],
    GRAPHITE_PORT: process.env['GRAPHITE_PORT'],
  }
}

const placeholder = /\{\{(\w+)\}\}/g

/** Fills placeholders in every string. One that stands alone keeps its value's type, and without a value its field goes. */
export function fill(node: unknown, values: Values): unknown {
  if (Array.isArray(node)) return node.map((item) => fill(item, values)).filter((item) => item !== undefined)
  if (typeof node === 'object' && node !== null) {
    const filled = Object.entries(node).map(([key, value]) => [key, fill(value, values)] as const)
    return Object.fromEntries(filled.filter(([, value]) => value !== undefined))
  }
  if (typeof node !== 'string') return node
  const alone = /^\{\{(\w+)\}\}$/.exec(node)?.[1]
  if (alone !== undefined) return values[alone]
  return node.replace(placeholder, (whole, name: string) => String(values[name] ?? whole))
}
