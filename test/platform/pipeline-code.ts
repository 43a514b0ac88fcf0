const library = ['checkout', 'either', 'group', 'parallel', 'pipeline', 'sh', 'step'] as const

/**
 * A pipeline.ts of these nodes, each written as code: `pipelineCode(['checkout()', "step('test', sh`npm test`)"])`. It asks
 * Marathon for little, so that many fit on a small machine.
 * @param options more of the pipeline's options, as code: `timeout: '5s'`
 */
export function pipelineCode(nodes: readonly string[], options = ''): string {
  const usual = ['cpus: 0.1', 'memMb: 64'].filter((one) => !options.includes(`${one.split(':')[0]}:`))
  const all = [...usual, ...(options === '' ? [] : [options])].join(', ')
  const body = `export default pipeline('tested', { ${all} }, [\n${nodes.map((node) => `  ${node},\n`).join('')}])\n`
  const used = library.filter((name) => new RegExp(`\\b${name}\\b`).test(body))
  return `import { ${used.join(', ')} } from '@baton/pipeline'\n\n${body}`
}
