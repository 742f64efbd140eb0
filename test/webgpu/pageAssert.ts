import { assert } from "chai";

type ErrorClass = new (message: string) => Error;
type Expected = ErrorClass | { readonly name: string; readonly message: RegExp };

/** What the tests need of `node:assert/strict`, for a browser. */
export default {
  ok: (value: unknown, message?: string) => assert.isOk(value, message),
  equal: (actual: unknown, expected: unknown, message?: string) => assert.strictEqual(actual, expected, message),
  notEqual: (actual: unknown, other: unknown, message?: string) => assert.notStrictEqual(actual, other, message),
  deepEqual: (actual: unknown, expected: unknown, message?: string) => assert.deepEqual(actual, expected, message),
  throws: (task: () => void, expected: ErrorClass) => assert.throws(task, expected),
  fail: (message: string) => assert.fail(message),
  rejects: async (promise: Promise<unknown> | (() => Promise<unknown>), expected: Expected): Promise<void> => {
    const error: unknown = await (typeof promise === "function" ? promise() : promise).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.instanceOf(error, typeof expected === "function" ? expected : Error);
    if (typeof expected === "function" || !(error instanceof Error)) return;
    assert.strictEqual(error.name, expected.name);
    assert.match(error.message, expected.message);
  },
};
