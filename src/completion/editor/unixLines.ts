/** The text with `\n` line ends. */
export function unixLines(text: string): string {
  return text.includes("\r") ? text.replaceAll("\r\n", "\n") : text;
}
