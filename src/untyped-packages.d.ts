// The parts that we use of three packages which have no types of their own. Those of ejs on npm
// describe a version that is four majors older.

declare module "accepts" {
  import type { IncomingMessage } from "node:http";
  export default function accepts(request: IncomingMessage): {
    /** Returns the coding, or false if the request doesn't accept it. */
    encodings: (coding: string) => string | false;
  };
}

declare module "ejs" {
  type Options = {
    /** Names the template in errors, and is where it includes others from. */
    filename: string;
    /** Whether EJS compiles the templates that this one includes only once. */
    cache: boolean;
    /** The function that `<%= %>` calls with a value, instead of escaping it for HTML. */
    escape?: (value: unknown) => string;
  };
  const ejs: { compile: (template: string, options: Options) => (data: object) => string };
  export default ejs;
}

declare module "fresh" {
  import type { IncomingHttpHeaders } from "node:http";
  /** Returns whether the sender of these headers has the response already (RFC 9110, 13.1). */
  export default function fresh(request: IncomingHttpHeaders, response: { etag: string }): boolean;
}
