/** The recent models with the newest first, without doubles, `limit` at most. */
export function withRecent(recent: readonly string[], newest: string, limit = 5): string[] {
  return [newest, ...recent.filter((path) => path !== newest)].slice(0, limit);
}
