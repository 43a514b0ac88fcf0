/** Whether an Accept header prefers a page to JSON, as browsers do. At the same rank, or with no word about either, JSON it is. */
export function prefersHtml(accept: string | undefined): boolean {
  return rankOf('text/html', accept) > rankOf('application/json', accept)
}

/** The rank that an Accept header gives to a type: its most specific range decides (RFC 9110, 12.5.1). */
function rankOf(type: string, accept = '*/*'): number {
  const ranges = [type, `${type.split('/')[0]}/*`, '*/*']
  const given = accept.split(',').map((one) => {
    const [range = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase())
    const quality = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    return { range, rank: quality === undefined ? 1 : Number(quality) || 0 }
  })
  return ranges.map((range) => given.find((one) => one.range === range)?.rank).find((rank) => rank !== undefined) ?? 0
}
