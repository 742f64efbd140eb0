/** What the command line has in place of the editor's settings and commands, which the errors of a server name. */
const terms: readonly (readonly [editor: RegExp, commandLine: string])[] = [
  [/(The setting )?gpt2\.server\.url/g, "--server"],
  [/(The setting )?gpt2\.server\.(kind|model|template)/g, "--server-$2"],
  [/“GPT-2: Set Server Key”/g, "GPT2_SERVER_KEY in the environment"],
  [/or see the setting http\.proxyStrictSSL/g, "or to a file that NODE_EXTRA_CA_CERTS names"],
];

/** The message of a server's error as the command line says it. */
export function inCommandLineTerms(message: string): string {
  return terms.reduce((text, [editor, commandLine]) => text.replace(editor, commandLine), message);
}
