/** The processor as a browser knows it. It names none, but another version of the browser may compile otherwise. */
export function browserProcessor(): string {
  return `${navigator.hardwareConcurrency} threads, ${navigator.userAgent}`;
}
