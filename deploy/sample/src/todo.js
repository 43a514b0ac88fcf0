/** A list of things to do. Returns a new list, the old one stays as it was. */
export function add(list, what) {
  if (what.trim() === '') throw new Error('nothing to do')
  return [...list, { what: what.trim(), done: false }]
}

export function finish(list, what) {
  return list.map((item) => (item.what === what ? { ...item, done: true } : item))
}

export const left = (list) => list.filter((item) => !item.done).length
