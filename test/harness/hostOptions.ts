/** The setting by which the tests in an extension host learn the `--grep` of their harness: the editor passes no arguments on. */
export const grepSetting = "gpt2.test.grep";
