/** An error that the person who starts the site or a command can correct. The message says how; its stack is not printed. */
export class OperatorError extends Error {
  override name = "OperatorError";
}
