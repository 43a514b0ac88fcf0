/** Where the shell's reading stands between two characters. */
type Context =
  | 'plain'
  | 'single'
  | 'double'
  | 'braces'
  | 'parens'
  | 'arithmetic'
  | 'dollar-quote'
  | 'backtick'
  | 'comment'
  | 'heredoc'

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

/** Where the innermost context decides. `"$(echo ${x})"` is fine: inside of `$(` quoting begins anew. */
const refusedHere: Partial<Record<Context, string>> = {
  single: 'inside of single quotes',
  double: 'inside of double quotes',
  comment: 'in a comment',
}
/** Where quoting does not begin anew, however deep it goes. */
const refusedWithin: Partial<Record<Context, string>> = {
  braces: 'inside of ${...}',
  backtick: 'inside of backticks',
  arithmetic: 'inside of $((...))',
  // Shells differ on where it ends: for some \' is a quote in there, for others the end.
  'dollar-quote': "after $'",
  heredoc: 'after <<, in a here-document',
}

export function createQuotingScanner(): QuotingScanner {
  const stack: Context[] = ['plain']
  let escaped = false
  let before = ''
  let beforeThat = ''
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
    const opened = opens(char, before, beforeThat, top())
    if (closes(char, top())) stack.pop()
    else if (opened !== undefined) stack.push(opened)
  }

  return {
    feed(text) {
      for (const char of text) {
        read(char)
        beforeThat = before
        before = char
      }
    },
    complaint() {
      if (escaped) return 'after a backslash'
      if (before === '$') return 'after a $'
      return refusedHere[top()] ?? stack.map((context) => refusedWithin[context]).find((where) => where !== undefined)
    },
  }
}

function closes(char: string, context: Context): boolean {
  if (context === 'double') return char === '"'
  if (context === 'braces') return char === '}'
  if (context === 'parens' || context === 'arithmetic') return char === ')'
  return context === 'backtick' && char === '`'
}

function opens(char: string, before: string, beforeThat: string, context: Context): Context | undefined {
  if (char === '(' && before === '(' && beforeThat === '$') return 'arithmetic'
  if (before === '$' && char === '(') return 'parens'
  if (before === '$' && char === '{') return 'braces'
  if (char === '`') return 'backtick'
  if (context === 'double') return undefined
  if (char === '"') return 'double'
  if (context === 'braces') return char === "'" ? 'single' : undefined
  if (char === "'") return before === '$' ? 'dollar-quote' : 'single'
  if (char === '(') return 'parens'
  if (char === '#' && (before === '' || /[\s;&|(]/.test(before))) return 'comment'
  return char === '<' && before === '<' ? 'heredoc' : undefined
}
