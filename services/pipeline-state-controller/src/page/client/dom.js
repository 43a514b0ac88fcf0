/**
 * Makes an element. Text only ever becomes a text node, so nothing that people name or print can become markup.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Readonly<Record<string, string | number | boolean | null | undefined>>} [attributes] `true` is an empty one, `null`, `undefined` and `false` none
 * @param {...(Node | string | number | null | undefined)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  setAttributes(element, attributes)
  element.append(...children.filter((one) => one !== null && one !== undefined).map(asNode))
  return element
}

/**
 * @param {Element} element
 * @param {Readonly<Record<string, string | number | boolean | null | undefined>>} attributes
 */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    element.setAttribute(name, value === true ? '' : String(value))
  }
}

/**
 * Foreign text is its own island: what it does to the direction of writing ends with it.
 * @param {string} text
 */
export const foreign = (text) => el('bdi', {}, text)

/** @param {Node | string | number} child */
const asNode = (child) => (child instanceof Node ? child : document.createTextNode(String(child)))

/**
 * Shows the rows of a list by their keys: what did not change stays as it is, focus included.
 * @template T
 * @param {Element} list
 * @param {readonly T[]} things
 * @param {(thing: T) => string} keyOf
 * @param {(thing: T) => HTMLElement} draw
 */
export function showRows(list, things, keyOf, draw) {
  const known = new Map([...list.children].map((row) => [row.getAttribute('data-key'), row]))
  const rows = things.map((thing) => {
    const [key, state] = [keyOf(thing), JSON.stringify(thing)]
    const row = known.get(key)
    if (row?.getAttribute('data-state') === state) return row
    const drawn = draw(thing)
    setAttributes(drawn, { 'data-key': key, 'data-state': state })
    return drawn
  })
  const focused = document.activeElement?.closest('[data-key]')?.getAttribute('data-key')
  const href = document.activeElement?.getAttribute('href')
  for (const [at, row] of rows.entries())
    if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null)
  while (list.children.length > rows.length) list.lastElementChild?.remove()
  const again = rows.find((row) => focused && row.getAttribute('data-key') === focused)
  if (again && !again.contains(document.activeElement)) {
    const links = [again, ...again.querySelectorAll('a')]
    const link = links.find((one) => one.getAttribute('href') === href)
    if (link instanceof HTMLElement) link.focus()
  }
}
