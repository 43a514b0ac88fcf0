import { errors } from '../errors.ts'
import { createShTag } from '../sh/command.ts'
import type { ShPlace } from '../sh/run-command.ts'
import type { Step } from '../tree/node.ts'
import type { StepContext } from './context.ts'
import { runCommand } from './run-command.ts'
import type { Job, RunState } from './state.ts'

/** What a step's function gets. Before its output is open only `use`, `env` and `build` are of use. */
export function contextOf(job: Job, place?: ShPlace): StepContext {
  const { options } = job.state
  return {
    sh: createShTag((command) =>
      runCommand(job, command, async () => job.state.world.runPiped(open(job, place), command)),
    ),
    use: createUse(job.state),
    log: (text) => job.output?.line(String(text)),
    env: place?.env ?? job.env,
    build: options.build,
    cwd: job.cwd,
    get signal() {
      return signalOf(job)
    },
    secrets: guarded(options.secrets ?? {}),
    ...(options.assembly === undefined ? {} : { assembly: options.assembly }),
    ...(options.publish === undefined ? {} : { publish: options.publish }),
  }
}

function open(job: Job, place: ShPlace | undefined): ShPlace {
  if (place === undefined) throw errors.STEP_OVER({ step: job.planned.node.name })
  return place
}

const createUse =
  (state: RunState) =>
  <T>(step: Step<T>): T => {
    if (!state.outcomes.has(step)) throw errors.USE_UNKNOWN({ step: String(step?.name) })
    const outcome = state.outcomes.get(step)
    if (outcome?.status !== 'success')
      throw errors.USE_TOO_EARLY({ step: step.name, status: outcome?.status ?? 'not over' })
    return outcome.value as T
  }

function signalOf(job: Job): AbortSignal {
  const controller = new AbortController()
  job.scope.onEnd((order) => controller.abort(errors.STEP_OVER({ step: job.planned.node.name }, order)))
  return controller.signal
}

/** Secrets by name. A name that is not there is an error: an empty secret is found out much later. */
export function guarded(secrets: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return new Proxy(Object.freeze({ ...secrets }), {
    get(all, name) {
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined
      if (!Object.hasOwn(all, name)) throw errors.SECRET_UNKNOWN({ name })
      return all[name]
    },
  })
}
