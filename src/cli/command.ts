// What the commands share: their subcommands, arguments, exit codes and output.

import { parseArgs } from "node:util";
import type { Config } from "../config.ts";
import { OperatorError } from "../operator-error.ts";
import { explain, isRefusedArgument, readConfig } from "../startup.ts";

/** Says that a command was called with wrong arguments, and which ones it takes. */
export class UsageError extends OperatorError {
  override name = "UsageError";
}

export type Call = {
  args: string[];
  env: NodeJS.ProcessEnv;
  now: Date;
  print: (line: string) => void;
  printError: (line: string) => void;
};

/** A command. `main` may return an exit code other than 0. */
export type Command = { help: string; main: (call: Call) => Promise<number | void> };

export type SubcommandCall = Call & { config: Config; yes: boolean; csv: boolean };

export type Subcommand = {
  help: string;
  run: (call: SubcommandCall, ...words: string[]) => Promise<number | void>;
};

/**
 * The subcommands by their usage, such as "show REFERENCE". "[X]" may be left out, and "[…]" is any
 * number more.
 */
type Subcommands = Record<string, Subcommand>;

export function createCommand(name: string, subcommands: Subcommands): Command {
  const rows = Object.entries(subcommands);
  const usages = rows.map(([usage, { help }]) => `  ${usage.padEnd(40)}${help}`);
  const help = `On the server: site ${name} COMMAND
Elsewhere: npm run ${name} -- COMMAND

${usages.join("\n")}

Exit codes: 0 done, 1 not possible or something is wrong, 2 wrong arguments.`;
  const flag = { type: "boolean", default: false } as const;
  const options = { yes: flag, csv: flag };

  async function main(call: Call): Promise<number | void> {
    const { args } = call;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [word = "", ...words] = positionals;
    const [usage, subcommand] = rows.find(([one]) => one.split(" ")[0] === word) ?? [];
    if (!usage || !subcommand)
      throw new UsageError(word ? `"${word}" is not a command.\n\n${help}` : help);
    const takes = usage.split(" ").slice(1);
    const min = takes.filter((one) => !one.startsWith("[")).length;
    const max = takes.at(-1) === "[…]" ? Infinity : takes.length;
    if (words.length < min || words.length > max || words.includes(""))
      throw new UsageError(`"${word}" takes other arguments: ${usage}`);
    const config = readConfig(call.env);
    return subcommand.run({ ...call, config, yes: values.yes, csv: values.csv }, ...words);
  }
  return { help, main };
}

/**
 * Runs a command. Returns its exit code, which is 2 for a UsageError and for a refused argument,
 * and 1 for other errors.
 */
export async function run({ help, main }: Command, call: Call): Promise<number> {
  try {
    if (!call.args.includes("--help")) return (await main(call)) ?? 0;
    call.print(help);
    return 0;
  } catch (error) {
    call.printError(explain(error));
    return error instanceof UsageError || isRefusedArgument(error) ? 2 : 1;
  }
}

/**
 * Runs a command as this process. It exits with 1 if the output couldn't be written. A reader that
 * has gone, such as `head`, is no error.
 */
export async function runProcess(command: Command): Promise<never> {
  let failure: NodeJS.ErrnoException | undefined;
  process.stdout.on("error", (error) => (failure ??= error));
  const call = {
    args: process.argv.slice(2),
    env: process.env,
    now: new Date(),
    print: (line: string) => void process.stdout.write(printable(`${line}\n`)),
    printError: (line: string) => console.error(printable(line)),
  };
  const code = await run(command, call);
  // process.exit() drops what the reader of a pipe has not taken, all but the first 64 KB.
  await new Promise((resolve) => process.stdout.write("", resolve));
  if (failure && failure.code !== "EPIPE") call.printError(explain(failure));
  process.exit(failure ? 1 : code);
}

/**
 * Makes a text safe to print: a terminal would obey the escape sequences of a visitor, a mail
 * server or a file's name.
 */
function printable(text: string): string {
  return text.replace(/[^\P{Cc}\t\n]/gu, "\u{fffd}");
}

export function siteAt(text: string): URL {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(`"${text}" is not an address like https://cleansystems.dk`);
}
