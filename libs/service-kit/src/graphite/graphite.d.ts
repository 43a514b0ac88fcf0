/** The part of the `graphite` package that is used; it ships no types. */
declare module 'graphite' {
  interface Client {
    write(metrics: Record<string, number>, timestampMs: number, done: (error?: Error | null) => void): void
    end(): void
    readonly _carbon: {
      readonly _socket: { readonly _socket: import('node:net').Socket | null; destroy(): void } | null
    }
  }
  const graphite: { createClient(url: string): Client }
  export default graphite
}
