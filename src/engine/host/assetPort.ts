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

/** Reads files through a port, for a worker that cannot read the extension's files itself. @throws Error when there is no such file */
export function assetReader(port: MessagePort): (path: string) => Promise<Uint8Array> {
  const waiting = new Map<string, (answer: Answer) => void>();
  port.onmessage = ({ data }: MessageEvent<Answer>) => {
    waiting.get(data.path)?.(data);
    waiting.delete(data.path);
  };
  return async (path) => {
    const answer = await new Promise<Answer>((resolve) => {
      waiting.set(path, resolve);
      port.postMessage(path);
    });
    if ("problem" in answer) throw new Error(answer.problem);
    return answer.bytes;
  };
}
