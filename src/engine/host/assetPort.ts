/** An answer to a request for a file. */
type Answer =
  { readonly path: string; readonly bytes: Uint8Array } | { readonly path: string; readonly problem: string };

/** Answers requests for files that come through a port, which is the worker's other end. */
export function serveAssets(port: MessagePort, read: (path: string) => Promise<Uint8Array>): void {
  port.onmessage = ({ data: path }: MessageEvent<string>) => {
    read(path).then(
      (bytes) => port.postMessage({ path, bytes } satisfies Answer),
      (error: unknown) => port.postMessage({ path, problem: String(error) } satisfies Answer),
    );
  };
}

/**
 * Reads files through a port, for a worker that cannot read the extension's files itself. Who asks for a file that is on its way gets the same bytes.
 * @throws Error when there is no such file
 */
export function assetReader(port: MessagePort): (path: string) => Promise<Uint8Array> {
  const running = new Map<string, { readonly bytes: Promise<Uint8Array>; readonly settle: (answer: Answer) => void }>();
  port.onmessage = ({ data }: MessageEvent<Answer>) => {
    running.get(data.path)?.settle(data);
    running.delete(data.path);
  };
  return (path) => {
    const known = running.get(path);
    if (known) return known.bytes;
    let settle: (answer: Answer) => void = () => undefined;
    const bytes = new Promise<Answer>((resolve) => (settle = resolve)).then((answer) => {
      if ("problem" in answer) throw new Error(answer.problem);
      return answer.bytes;
    });
    running.set(path, { bytes, settle });
    port.postMessage(path);
    return bytes;
  };
}
