/** The recent models, the newest first, without duplicates, `limit` at most. */
export function withRecent(recent: readonly string[], newest: string, limit = 5): string[] {
  return [newest, ...recent.filter((path) => path !== newest)].slice(0, limit);
}
