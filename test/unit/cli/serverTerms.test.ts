import assert from "node:assert/strict";
import { ServerError } from "../../../src/backend/server/errors";
import { templateForSetting } from "../../../src/backend/server/fim/families";
import { connectionError, statusError } from "../../../src/backend/server/http/failure";
import { parseServerUrl } from "../../../src/backend/server/settings";
import { inCommandLineTerms } from "../../../src/cli/serverTerms";

/** What the command line says of what the server's code throws. */
function said(fail: () => unknown): string {
  try {
    const error = fail();
    assert.ok(error instanceof ServerError);
    return inCommandLineTerms(error.message);
  } catch (error) {
    assert.ok(error instanceof ServerError);
    return inCommandLineTerms(error.message);
  }
}

describe("the errors of a server on the command line", () => {
  for (const [fail, message] of [
    [
      () => connectionError({ code: "ECONNREFUSED" }, "localhost:1"),
      "localhost:1 cannot be reached (ECONNREFUSED). Check that it runs, and --server.",
    ],
    [
      () => connectionError({ code: "CERT_HAS_EXPIRED" }, "h"),
      "The certificate of h is not trusted (CERT_HAS_EXPIRED). Add its authority to the system's certificates, or to a file that NODE_EXTRA_CA_CERTS names.",
    ],
    [
      () => statusError(404, "h", "", undefined),
      "h answers with status 404. Check --server, --server-kind and --server-model.",
    ],
    [
      () => statusError(401, "h", "", undefined),
      "h answers with status 401. Set its key with GPT2_SERVER_KEY in the environment.",
    ],
    [() => parseServerUrl("ftp://h"), "--server must begin with http:// or https://."],
    [
      () => parseServerUrl("http://a:b@h"),
      "--server contains a password. Remove it, and use GPT2_SERVER_KEY in the environment.",
    ],
  ] as const) {
    it(`name its options: ${message}`, () => assert.equal(said(fail), message));
  }

  it("name the option of the template", () => {
    assert.match(
      said(() => templateForSetting("x")),
      /^--server-template must be auto, /,
    );
  });
});
