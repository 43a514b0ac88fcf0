import type { View } from './view.ts'

/** One JSON object a line: `plan`, `step`, `output`, `result`. */
export function createJsonView(write: (text: string) => void): View {
  const line = (event: Record<string, unknown>): void =>
    write(`${JSON.stringify({ ...event, at: new Date().toISOString() })}\n`)
  return {
    planned: (steps) => line({ type: 'plan', steps }),
    moved: (step, status, more) => line({ type: 'step', step, status, ...more }),
    printed: (step, text) => line({ type: 'output', step, text }),
    ended: (result, kept) => line({ type: 'result', ...result, output: kept }),
  }
}
