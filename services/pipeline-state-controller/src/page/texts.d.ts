/** Files of the page that are served as they are. Bundlers know them by `type`, the test runner by `?raw`. */
declare module '*?raw' {
  const text: string
  export default text
}
