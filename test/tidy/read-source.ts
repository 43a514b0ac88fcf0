import ts from 'typescript'

export interface Import {
  readonly of: string
  /** Gone when the program runs: it binds nothing, and counts for direction all the same. */
  readonly isType: boolean
}

/** What a rule wants to know of one source file. */
export interface Source {
  readonly imports: readonly Import[]
  /** Such as `process.env` or `console.log`: what is written in code, not in comments or texts. */
  readonly mentions: ReadonlySet<string>
}

/** Reads a source with the compiler's own parser, so that code inside of texts (fixtures are full of it) is no code. */
export function readSource(path: string, text: string): Source {
  const imports: Import[] = []
  const mentions = new Set<string>()
  const visit = (node: ts.Node): void => {
    const found = importOf(node)
    if (found) imports.push(found)
    if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression))
      mentions.add(`${node.expression.text}.${node.name.text}`)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true))
  return { imports, mentions }
}

function importOf(node: ts.Node): Import | undefined {
  if (ts.isImportDeclaration(node)) return named(node.moduleSpecifier, node.importClause?.isTypeOnly ?? false)
  if (ts.isExportDeclaration(node)) return named(node.moduleSpecifier, node.isTypeOnly)
  if (ts.isImportTypeNode(node))
    return ts.isLiteralTypeNode(node.argument) ? named(node.argument.literal, true) : undefined
  if (!ts.isCallExpression(node)) return undefined
  const isLoading = node.expression.kind === ts.SyntaxKind.ImportKeyword || node.expression.getText() === 'require'
  return isLoading ? named(node.arguments[0], false) : undefined
}

function named(node: ts.Node | undefined, isType: boolean): Import | undefined {
  return node && ts.isStringLiteralLike(node) ? { of: node.text, isType } : undefined
}
