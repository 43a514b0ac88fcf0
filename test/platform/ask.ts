/** What was answered, whatever it was. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at whatever came
  readonly json: any
}

export interface Question {
  readonly method?: string
  readonly token?: string
  readonly headers?: Record<string, string>
  readonly json?: unknown
  readonly body?: string | Uint8Array
}

const answerMs = 30_000

/** One plain request, for what the typed clients would not send or not show. No status is an error. */
export async function ask(url: string, question: Question = {}): Promise<Answer> {
  const { method = 'GET', token, headers = {}, json, body } = question
  const sent = body ?? (json === undefined ? undefined : JSON.stringify(json))
  const answer = await fetch(url, {
    method,
    signal: AbortSignal.timeout(answerMs),
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(sent === undefined ? {} : { body: typeof sent === 'string' ? sent : new Uint8Array(sent) }),
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json') === true && text !== ''
  return { status: answer.status, headers: answer.headers, text, json: isJson ? JSON.parse(text) : undefined }
}
