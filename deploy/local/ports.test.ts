import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { choosePorts } from './ports.ts'

const host = '127.0.0.1'

async function occupyPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

describe('ports', () => {
  test('that are free are taken as wanted', async () => {
    const any = await choosePorts({ marathon: 0, controller: 0, builder: 0, spawner: 0 }, host, new Set())

    expect(new Set(Object.values(any)).size).toBe(4)
    expect(await choosePorts(any, host, new Set())).toEqual(any)
  })

  test('that somebody else has move on to the next free one', async () => {
    const taken = await occupyPort()
    const wanted = { marathon: taken, controller: taken, builder: taken, spawner: taken }

    const ports = Object.values(await choosePorts(wanted, host, new Set()))

    expect(new Set(ports).size).toBe(4)
    for (const port of ports) expect(port).toBeGreaterThan(taken)
  })

  test('on which our own Marathon listens stay', async () => {
    const ours = await occupyPort()

    const ports = await choosePorts({ marathon: ours, controller: 0, builder: 0, spawner: 0 }, host, new Set([ours]))

    expect(ports.marathon).toBe(ours)
  })

  test('beyond the last one there are none', async () => {
    const wanted = { marathon: 65_536, controller: 0, builder: 0, spawner: 0 }

    await expect(choosePorts(wanted, host, new Set())).rejects.toMatchObject({ code: 'PORT_TAKEN' })
  })
})
