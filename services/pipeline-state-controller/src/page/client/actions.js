/** @import { Build } from '@baton/state-client/wire' */
import { buildPath, postJson } from './api.js'
import { el } from './dom.js'

const armedMs = 5_000

/**
 * What an admin may do to a build; the stylesheet hides it from others, and what does not apply. The server decides.
 * @param {string} api the path of the build in the API
 */
export function actions(api) {
  const refusal = el('span', { role: 'alert' })
  const again = el('button', { type: 'button', class: 'again' }, 'Build again')
  const kill = el('button', { type: 'button', class: 'kill' }, 'Kill')
  const send = async (/** @type {string} */ verb) => {
    refusal.textContent = ''
    try {
      return /** @type {Build} */ (await postJson(`${api}/${verb}`, {}))
    } catch (error) {
      refusal.textContent = /** @type {Error} */ (error).message
      return undefined
    }
  }
  again.onclick = async () => {
    const build = await send('retrigger')
    if (build) location.assign(buildPath(build))
  }
  // The first press arms it for a while: a click too many kills nothing.
  let armed = 0
  kill.onclick = () => {
    if (armed === 0) {
      kill.textContent = 'Really kill?'
      armed = setTimeout(disarm, armedMs)
      return
    }
    disarm()
    void send('kill')
  }
  const disarm = () => {
    clearTimeout(armed)
    armed = 0
    kill.textContent = 'Kill'
  }
  return el('p', { class: 'actions' }, again, kill, refusal)
}
