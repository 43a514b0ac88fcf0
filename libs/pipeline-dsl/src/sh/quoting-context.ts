/** Where the shell's reading stands between two characters. */
type Context = 'plain' | 'single' | 'double' | 'braces' | 'parens' | 'backtick' | 'comment' | 'heredoc'

/**
 * Follows the literal parts of sh`...` as a shell would read them, to know whether a value that comes next can be
 * quoted. Inside quotes it could not: "'$(rm)'" runs rm, whatever single quotes are in there.
 */
export interface QuotingScanner {
  /** Reads on. */
  feed(text: string): void
  /** Why a value cannot stand here; `undefined` when it can. */
  complaint(): string | undefined
}

const refused: Partial<Record<Context, string>> = {
  single: 'inside of single quotes',
  double: 'inside of double quotes',
  braces: 'inside of ${...}',
  backtick: 'inside of backticks',
  comment: 'in a comment',
  heredoc: 'after <<, in a here-document',
}

export function createQuotingScanner(): QuotingScanner {
  const stack: Context[] = ['plain']
  let escaped = false
  let before = ''
  const top = (): Context => stack.at(-1) ?? 'plain'

  function readQuoted(char: string): boolean {
    if (top() === 'single') {
      if (char === "'") stack.pop()
      return true
    }
    if (top() === 'comment') {
      if (char === '\n') stack.pop()
      return true
    }
    return false
  }

  function read(char: string): void {
    if (readQuoted(char)) return
    if (escaped) {
      escaped = false
      return
    }
    if (char === '\\') {
      escaped = true
      return
    }
    const opened = opens(char, before, top())
    if (closes(char, top())) stack.pop()
    else if (opened !== undefined) stack.push(opened)
  }

  return {
    feed(text) {
      for (const char of text) {
        read(char)
        before = char
      }
    },
    complaint() {
      if (escaped) return 'after a backslash'
      if (before === '$') return 'after a $'
      return refused[top()]
    },
  }
}

function closes(char: string, context: Context): boolean {
  if (context === 'double') return char === '"'
  if (context === 'braces') return char === '}'
  if (context === 'parens') return char === ')'
  return context === 'backtick' && char === '`'
}

function opens(char: string, before: string, context: Context): Context | undefined {
  if (before === '$' && char === '(') return 'parens'
  if (before === '$' && char === '{') return 'braces'
  if (char === '`') return 'backtick'
  if (context === 'double') return undefined
  if (char === '"') return 'double'
  if (context === 'braces') return char === "'" ? 'single' : undefined
  if (char === "'") return 'single'
  if (char === '(') return 'parens'
  if (char === '#' && (before === '' || /[\s;&|(]/.test(before))) return 'comment'
  return char === '<' && before === '<' ? 'heredoc' : undefined
}
