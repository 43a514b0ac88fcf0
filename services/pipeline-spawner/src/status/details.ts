import type { Marathon } from '@baton/marathon'
import type { RunOnce, RunOnceStatus } from '@baton/run-once'
import type { StatusDetail, StatusReading } from '@baton/service-kit'
import type { StateClient } from '@baton/state-client'

/** What depends on others: whether they answer. Being away is a warning, because everything is taken up again later. */
export function stateDetail(state: StateClient): StatusDetail {
  return {
    name: 'state-controller',
    read: async () => await warned(async () => `${state.url} knows this process as ${(await state.me()).name}`),
  }
}

export function marathonDetail(
  marathon: Pick<Marathon, 'ping'>,
  url: string,
  runOnce: Pick<RunOnce, 'status'>,
): StatusDetail {
  return {
    name: 'marathon',
    read: async () => {
      const reading = await warned(async () => {
        await marathon.ping()
        return `${url} answers`
      })
      if (reading.status !== 'ok' || runOnce.status().listening) return reading
      return { status: 'warning', message: 'its event stream is not open: ends are found by reconciling, later' }
    },
  }
}

/** The loops and what they did since the start. */
export function runOnceDetail(runOnce: Pick<RunOnce, 'status'>): StatusDetail {
  return { name: 'run-once', read: async () => readRunOnce(runOnce.status()) }
}

export function readRunOnce(details: RunOnceStatus): StatusReading {
  const { place, remove, reconcile } = details
  const away = [place, remove, reconcile].find((worker) => worker.away !== null)?.away
  if (away) return { status: 'warning', message: `no work can be taken: ${away}`, details }
  const message = `placing ${place.active}, removing ${remove.active}; placed ${place.done}, removed ${remove.done}`
  return { status: 'ok', message, details }
}

async function warned(read: () => Promise<string>): Promise<StatusReading> {
  try {
    return { status: 'ok', message: await read() }
  } catch (error) {
    return { status: 'warning', message: error instanceof Error ? error.message : String(error) }
  }
}
