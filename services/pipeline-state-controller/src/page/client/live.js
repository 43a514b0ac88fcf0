/** @import { StateEvent } from '@baton/state-client/wire' */
import { Refusal } from './api.js'

const types = ['build', 'step', 'attempt', 'output', 'ledger', 'repository', 'version']
const pauseFirstMs = 500
const pauseMaxMs = 15_000
const readPauseMs = 2_000

/**
 * Keeps a view as the server has it: reads it once the stream stands, and applies what happens from then on. After a
 * break the browser resumes with the id of the last event; what cannot be resumed is read anew.
 * @param {readonly string[]} topics
 * @param {{ read(): Promise<void>, apply(event: StateEvent): void, tell(sentence: string): void }} view
 *   `read` is asked to read everything; `tell` shows what is wrong with the line, '' if nothing
 */
export function follow(topics, view) {
  const path = `/api/events?${topics.map((topic) => `topic=${encodeURIComponent(topic)}`).join('&')}`
  let pauseMs = pauseFirstMs
  let readings = 0
  /** Events that came while the state was read may be older or newer than it: they wait, and are applied after it. @type {StateEvent[]} */
  const held = []
  const readAnew = async () => {
    readings += 1
    await view.read().catch((error) => {
      view.tell(error.message)
      if (isPassing(error)) setTimeout(readAnew, readPauseMs)
    })
    readings -= 1
    if (readings > 0) return
    for (const event of held.splice(0)) view.apply(event)
  }
  const open = () => {
    const source = new EventSource(path)
    let lastId = ''
    source.onopen = () => {
      pauseMs = pauseFirstMs
      view.tell('')
      // Without an id there is nothing to resume from.
      if (lastId === '') void readAnew()
    }
    source.onerror = () => {
      view.tell(`Not live since ${new Date().toLocaleTimeString()}. Trying again.`)
      if (source.readyState !== EventSource.CLOSED) return
      setTimeout(open, pauseMs * (0.7 + Math.random() * 0.6))
      pauseMs = Math.min(pauseMaxMs, pauseMs * 2)
    }
    source.addEventListener('reset', () => void readAnew())
    for (const type of types) {
      source.addEventListener(type, (message) => {
        lastId = message.lastEventId
        const event = JSON.parse(message.data)
        if (readings > 0) held.push(event)
        else view.apply(event)
      })
    }
  }
  open()
}

/** Whether asking again may help. @param {unknown} error */
const isPassing = (error) => error instanceof Refusal && (error.status === 0 || error.status >= 500)
