const mostRecent = 32;

/** The files that were opened or edited last. */
export class RecentFiles {
  /** The latest first. */
  #uris: string[] = [];

  touch(uri: string): void {
    this.#uris = [uri, ...this.#uris.filter((other) => other !== uri)].slice(0, mostRecent);
  }

  forget(uri: string): void {
    this.#uris = this.#uris.filter((other) => other !== uri);
  }

  has(uri: string): boolean {
    return this.#uris.includes(uri);
  }

  /** 1 for the latest file, 0 for one that is not among them. */
  recencyOf(uri: string): number {
    const rank = this.#uris.indexOf(uri);
    return rank < 0 ? 0 : 1 - rank / mostRecent;
  }
}
