import assert from "node:assert/strict";
import { ServerError, type ServerProblem } from "../../../../src/backend/server/errors";
import { HttpClient, type HttpRequest } from "../../../../src/backend/server/http/client";
import { errorText } from "../../../../src/backend/server/http/errorText";
import { Lane } from "../../../../src/backend/server/http/lane";
import { retryDelay } from "../../../../src/backend/server/http/retry";
import { parseRetryAfter } from "../../../../src/hub/retryAfter";
import { type Handler, json, ProtocolServer } from "../../../fixtures/protocolServer";
import { until } from "../../../fixtures/until";

const key = "sk-very-secret-key";

function clientOf(server: ProtocolServer, timeoutMs = 5000): HttpClient {
  const headers = { "x-team": "header-secret" };
  return new HttpClient({ fetch: (url, init) => fetch(url, init), url: new URL(server.url), headers, key, timeoutMs });
}

/** What went wrong with a request. */
async function failureOf(promise: Promise<unknown>): Promise<ServerError> {
  const error: unknown = await promise.then(
    () => assert.fail("The request has not failed."),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ServerError, String(error));
  return error;
}

async function textOf(client: HttpClient, request: HttpRequest): Promise<string> {
  let text = "";
  for await (const bytes of client.stream(request)) text += new TextDecoder().decode(bytes);
  return text;
}

/** A server that fails in one way, and the failure of a request to it. */
async function failing(handler: Handler, request: HttpRequest = { path: "a", body: {} }, timeoutMs = 5000) {
  await using server = await ProtocolServer.start(handler);
  const error = await failureOf(textOf(clientOf(server, timeoutMs), request));
  return { error, received: server.received };
}

describe("HttpClient", () => {
  it("sends key and headers, and reads JSON and streams", async () => {
    await using server = await ProtocolServer.start(({ path }) => json({ path }));
    const client = clientOf(server);
    assert.deepEqual(await client.json({ path: "v1/models" }), { path: "/v1/models" });
    assert.equal(await textOf(client, { path: "b?c=1", body: { n: 1 } }), '{"path":"/b?c=1"}');
    const [first, second] = server.received;
    assert.equal(first?.method, "GET");
    assert.deepEqual(second?.body, { n: 1 });
    assert.equal(second.headers["authorization"], `Bearer ${key}`);
    assert.equal(second.headers["x-team"], "header-secret");
  });

  it("keeps the path of the address", async () => {
    await using server = await ProtocolServer.start(() => json({}));
    const url = new URL(`${server.url}/team/`);
    const client = new HttpClient({
      fetch: (to, init) => fetch(to, init),
      url,
      headers: {},
      key: undefined,
      timeoutMs: 5000,
    });
    await client.json({ path: "v1/models" });
    assert.equal(server.received[0]?.path, "/team/v1/models");
    assert.equal(server.received[0].headers["authorization"], undefined);
  });

  const statuses: readonly (readonly [number, ServerProblem])[] = [
    [401, "refused"],
    [403, "refused"],
    [404, "missing"],
    [429, "busy"],
    [500, "failed"],
    [503, "busy"],
  ];
  for (const [status, problem] of statuses) {
    it(`reports status ${status} with the server's own words`, async () => {
      const reply = { ...json({ error: { message: "No such thing." } }, status), headers: { "retry-after": "60" } };
      const { error, received } = await failing(() => reply);
      assert.equal(error.problem, problem);
      assert.match(error.message, new RegExp(`status ${status}.*No such thing\\.`));
      assert.equal(error.retryAfterMs, problem === "busy" ? 60_000 : undefined);
      assert.equal(received.length, 1);
    });
  }

  it("waits no longer than an hour for a busy server", async () => {
    const { error } = await failing(() => ({ ...json({}, 503), headers: { "retry-after": "7200" } }));
    assert.equal(error.retryAfterMs, 3_600_000);
  });

  it("asks a busy server again after the time that it names, and no more than twice", async () => {
    await using server = await ProtocolServer.start(() =>
      server.received.length < 3 ? { status: 429, headers: { "retry-after": "0" } } : json({ done: true }),
    );
    assert.deepEqual(await clientOf(server).json({ path: "a", body: {} }), { done: true });
    assert.equal(server.received.length, 3);
    server.handler = () => ({ status: 503, headers: { "retry-after": "0" } });
    assert.equal((await failureOf(clientOf(server).json({ path: "a" }))).problem, "busy");
    assert.equal(server.received.length, 6);
  });

  it("recognizes a prompt that is too long", async () => {
    const { error } = await failing(() => json({ message: "This model's maximum context length is 8 tokens." }, 400));
    assert.equal(error.problem, "tooLong");
  });

  it("takes a web page for no answer", async () => {
    const page = { headers: { "content-type": "text/html" }, chunks: ["<!doctype html><title>Sign in</title>"] };
    const { error } = await failing(() => page);
    assert.equal(error.problem, "notJson");
    assert.match(error.message, /a web page instead of JSON/);
    await using server = await ProtocolServer.start(() => ({ chunks: ["nonsense"] }));
    assert.equal((await failureOf(clientOf(server).json({ path: "a" }))).problem, "notJson");
  });

  it("gives up on a server that is silent, and on one that stalls in the middle", async () => {
    const silent = await failing(() => ({ fault: "silent" }), { path: "a", body: {} }, 60);
    assert.equal(silent.error.problem, "late");
    const stalled = await failing(() => ({ chunks: ["data: 1"], fault: "stall" }), { path: "a", body: {} }, 60);
    assert.equal(stalled.error.problem, "late");
  });

  it("reports a connection that is cut", async () => {
    const { error } = await failing(() => ({ chunks: ["data: 1"], fault: "cut" }));
    assert.equal(error.problem, "cut");
  });

  it("asks once more when the connection was closed before the answer began", async () => {
    await using server = await ProtocolServer.start(() =>
      server.received.length === 1 ? { fault: "drop" } : json({ done: true }),
    );
    assert.deepEqual(await clientOf(server).json({ path: "a", body: {} }), { done: true });
    assert.equal(server.received.length, 2);
    server.handler = () => ({ fault: "drop" });
    assert.equal((await failureOf(clientOf(server).json({ path: "a" }))).problem, "unreachable");
    assert.equal(server.received.length, 4);
  });

  it("does not follow a redirect to another host, and sends it nothing", async () => {
    await using other = await ProtocolServer.start(() => json({}));
    const { error } = await failing(() => ({ status: 307, headers: { location: `${other.url}/a` } }));
    assert.equal(error.problem, "redirect");
    assert.match(error.message, new RegExp(`redirects to ${other.host}`));
    assert.deepEqual(other.received, []);
  });

  it("follows a redirect within the host, but not for ever", async () => {
    await using server = await ProtocolServer.start(({ path }) =>
      path === "/b" ? json({ found: true }) : { status: 308, headers: { location: "/b" } },
    );
    assert.deepEqual(await clientOf(server).json({ path: "a", body: {} }), { found: true });
    server.handler = () => ({ status: 308, headers: { location: "/a" } });
    assert.equal((await failureOf(clientOf(server).json({ path: "a", body: {} }))).problem, "redirect");
  });

  it("names a certificate that is not trusted", async () => {
    await using server = await ProtocolServer.start(() => json({}), { tls: true });
    const error = await failureOf(clientOf(server).json({ path: "a" }));
    assert.equal(error.problem, "certificate");
    assert.match(error.message, /SELF_SIGNED_CERT/);
    assert.deepEqual(server.received, []);
  });

  it("says that nobody listens", async () => {
    const server = await ProtocolServer.start(() => json({}));
    await server[Symbol.asyncDispose]();
    const error = await failureOf(clientOf(server).json({ path: "a" }));
    assert.equal(error.problem, "unreachable");
    assert.match(error.message, /ECONNREFUSED/);
  });

  it("closes the connection when it is aborted, and when the reader has enough", async () => {
    await using server = await ProtocolServer.start(() => ({ chunks: ["1", "2"], fault: "stall" }));
    const abort = new AbortController();
    const aborted = textOf(clientOf(server), { path: "a", body: {}, signal: abort.signal });
    await until(() => server.received.length > 0);
    abort.abort();
    await assert.rejects(aborted, { name: "AbortError" });
    for await (const bytes of clientOf(server).stream({ path: "a", body: {} })) {
      assert.ok(bytes.length > 0);
      break;
    }
    await until(() => server.running === 0);
    assert.deepEqual(
      server.received.map((request) => request.aborted),
      [true, true],
    );
  });

  it("keeps keys, headers and code out of errors that repeat the request", async () => {
    const code = "const password = computeTheSecret(42);\nreturn password;";
    const { error } = await failing(
      ({ headers }) =>
        json(
          {
            detail: [
              {
                msg: `bad input ${JSON.stringify(code)} ${String(headers["authorization"])} ${String(headers["x-team"])}`,
              },
            ],
          },
          422,
        ),
      { path: "a", body: { prompt: code }, secretTexts: [code] },
    );
    assert.match(error.message, /bad input/);
    assert.doesNotMatch(error.message, /computeTheSecret|password|very-secret|header-secret/);
  });
});

describe("errorText", () => {
  it("reads the message of each kind of body, on one line", () => {
    assert.equal(errorText('{"error":{"message":"a\\nb"}}', [], []), "a b");
    assert.equal(errorText('{"error":"model not found"}', [], []), "model not found");
    assert.equal(errorText('{"detail":[{"msg":"x"},{"msg":"y"}]}', [], []), "x; y");
    assert.equal(errorText("<html><head><title>502 Bad Gateway</title></head></html>", [], []), "502 Bad Gateway");
    assert.equal(errorText("plain", [], []), "plain");
    assert.equal(errorText("", [], []), "");
  });

  it("finds the message beside an error without one", () => {
    assert.equal(errorText('{"error":{"code":17},"message":"overloaded"}', [], []), "overloaded");
    assert.equal(errorText('{"error":"","detail":"no such model"}', [], []), "no such model");
    assert.equal(errorText('{"errors":[{"message":"a"},{"message":"b"}]}', [], []), "a; b");
    assert.equal(errorText('{"error":{"code":17}}', [], []), '{"error":{"code":17}}');
  });

  it("shows of a page, or a part of one, what a person would read", () => {
    assert.equal(errorText("<html><body><h1>Bad <b>gateway</b></h1><p>nginx</p></body></html>", [], []), "Bad gateway");
    assert.equal(errorText("<h1>Too many requests</h1>", [], []), "Too many requests");
    assert.equal(errorText("<center>busy &amp; closed</center><hr>", [], []), "busy & closed");
    const page = "<!DOCTYPE html><html><head><title> </title><style>p { color: red }</style></head><body><p>Down</p>";
    assert.equal(errorText(page, [], []), "Down");
    assert.equal(errorText('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', [], []), "AccessDenied");
    assert.equal(errorText("<eos> is no token", [], []), "<eos> is no token");
    assert.equal(errorText("a < b and c > d", [], []), "a < b and c > d");
  });

  it("has no control characters, no characters that turn the text round, and no half ones", () => {
    assert.equal(errorText('{"error":"a\\u001b[31mb\\u0000c\\u202ed\\r\\n\\te"}', [], []), "a [31mb c d e");
    assert.equal(errorText(`${"x".repeat(299)}😀😀`, [], []), `${"x".repeat(299)}…`);
  });

  it("reads a long body of tags and blanks", () => {
    assert.equal(errorText(`<p>${"<".repeat(20_000)}${" ".repeat(20_000)}end`, [], []).length, 301);
    assert.equal(errorText(`<h1>${"<script>".repeat(1000)}</h1>${"<!--".repeat(1000)}`, [], []).length, 301);
  });

  it("cuts a long one, and masks what looks like a key", () => {
    assert.equal(errorText("x".repeat(1000), [], []).length, 301);
    assert.equal(errorText("Incorrect API key: abcdef123456", [], []), "Incorrect API key: …");
  });
});

describe("retrying", () => {
  it("doubles the delay, with jitter, unless the server names one", () => {
    assert.equal(retryDelay(0, undefined, 0.5), 250);
    assert.equal(retryDelay(2, undefined, 0.5), 1000);
    assert.equal(retryDelay(1, undefined, 0), 375);
    assert.equal(retryDelay(1, 20, 0), 20);
  });

  it("reads seconds and dates", () => {
    const now = Date.parse("Wed, 21 Oct 2026 07:28:00 GMT");
    assert.equal(parseRetryAfter("2", now), 2000);
    assert.equal(parseRetryAfter("Wed, 21 Oct 2026 07:28:05 GMT", now), 5000);
    assert.equal(parseRetryAfter("Wed, 21 Oct 2026 07:00:00 GMT", now), 0);
    assert.equal(parseRetryAfter("7200", now), 7_200_000);
    assert.equal(parseRetryAfter("7200", now, 3_600_000), 3_600_000);
    assert.equal(parseRetryAfter("soon", now), undefined);
    assert.equal(parseRetryAfter(null, now), undefined);
  });
});

describe("Lane", () => {
  it("runs one task, has one wait, and replaces that by a newer one", async () => {
    const lane = new Lane();
    const log: string[] = [];
    const gates: (() => void)[] = [];
    const task = (name: string) => () => {
      log.push(`${name} begins`);
      return new Promise<string>((resolve) => gates.push(() => resolve(name)));
    };
    const results = [lane.run(task("a")), lane.run(task("b")), lane.run(task("c"))];
    assert.equal(await results[1], undefined);
    assert.deepEqual(log, ["a begins"]);
    gates[0]?.();
    assert.equal(await results[0], "a");
    await until(() => gates.length >= 2);
    gates[1]?.();
    assert.equal(await results[2], "c");
    assert.deepEqual(log, ["a begins", "c begins"]);
  });

  it("does not begin what was aborted meanwhile, and goes on after a failure", async () => {
    const lane = new Lane();
    const failed = lane.run(() => Promise.reject(new Error("no")));
    const stop = new AbortController();
    const waiting = lane.run(() => Promise.resolve("late"), stop.signal);
    stop.abort();
    await assert.rejects(failed, /no/);
    assert.equal(await waiting, undefined);
    assert.equal(await lane.run(() => Promise.resolve("next")), "next");
  });
});
