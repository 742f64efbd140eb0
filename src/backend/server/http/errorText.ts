/** Characters of a server's error that are kept. */
const maxLength = 300;
/** Pieces of what was sent are recognized from this length on, in UTF-16 units. */
const pieceLength = 10;

/**
 * The message of an error body, fit for a log: from its JSON where it has one, on one line, cut, and without the secrets and the text that
 * were sent. Some servers repeat the request in their errors.
 * @param body what the server answered
 * @param secrets keys and values of headers
 * @param sent the texts of the request
 */
export function errorText(body: string, secrets: readonly string[], sent: readonly string[]): string {
  let text = isWebPage(body) ? titleOf(body) : (jsonMessage(body) ?? body);
  for (const secret of secrets) if (secret.length > 3) text = text.replaceAll(secret, "…");
  text = withoutPieces(text, sent)
    .replace(/(bearer\s+|api[-_ ]?key\W{1,4}|\bsk-)[\w.+/=-]{6,}/gi, "$1…")
    .replace(/[\s\p{Cc}]+/gu, " ")
    .trim();
  return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

export function isWebPage(body: string): boolean {
  return /^\s*(<!doctype html|<html|<head|<body)/i.test(body);
}

function titleOf(page: string): string {
  return /<title[^>]*>([^<]*)/i.exec(page)?.[1] ?? "";
}

/** OpenAI and vLLM: `{error: {message}}`, `{message}`; FastAPI: `{detail}`, a text or a list of `{msg}`; Ollama: `{error}`. */
function jsonMessage(body: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  return messageIn(value);
}

function messageIn(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(messageIn).filter(Boolean).join("; ");
  if (typeof value !== "object" || value === null) return undefined;
  const { error, message, detail, msg } = value as Readonly<Record<string, unknown>>;
  return messageIn(error ?? message ?? detail ?? msg);
}

/** Replaces what occurs in the sent texts as well. */
function withoutPieces(text: string, sent: readonly string[]): string {
  const known = new Set<string>();
  for (const one of sent) {
    // A server may repeat a text as JSON.
    for (const form of [one, JSON.stringify(one).slice(1, -1)]) {
      for (let i = 0; i + pieceLength <= form.length; i++) known.add(form.slice(i, i + pieceLength));
    }
  }
  let result = "";
  let hiddenUntil = 0;
  for (let i = 0; i < text.length; i++) {
    if (known.has(text.slice(i, i + pieceLength))) {
      if (i >= hiddenUntil) result += "…";
      hiddenUntil = i + pieceLength;
    }
    if (i >= hiddenUntil) result += text.charAt(i);
  }
  return result;
}
