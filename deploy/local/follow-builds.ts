import { isOver, sentenceOf } from '@baton/model'
import type { Build, StateClient, StateEvent } from '@baton/state-client'
import { tookOf } from '../cli/show-build.ts'

/** Tells of each build that starts or ends, until the signal aborts. The controller may come and go meanwhile. */
export async function followBuilds(
  state: StateClient,
  signal: AbortSignal,
  tell: (line: string) => void,
): Promise<void> {
  const told = new Map<string, string>()
  const onEvent = (event: StateEvent) => {
    if (event.type !== 'build') return
    const build = event.data as Build
    const id = `${build.pipeline}#${build.number}`
    if (told.get(id) === build.status || !isWorthTelling(build)) return
    told.set(id, build.status)
    if (isOver(build.status)) told.delete(id)
    tell(lineOf(id, build))
  }
  await state.followEvents({ topics: ['overview'], signal, onEvent })
}

const isWorthTelling = ({ status }: Build): boolean => status === 'running' || isOver(status)

function lineOf(id: string, build: Build): string {
  const took = isOver(build.status) ? ` after ${tookOf(build)}` : ''
  const why = build.reason !== null && isOver(build.status) ? `: ${sentenceOf(build.reason as never)}` : ''
  const clock = new Date().toTimeString().slice(0, 8)
  return `${clock}  ${id} ${build.status}${took}${why}`
}
