// The parts that we use of two packages which have no types.

declare module "accepts" {
  import type { IncomingMessage } from "node:http";
  export default function accepts(request: IncomingMessage): {
    /** The coding, or false if the request doesn't accept it. */
    encodings: (coding: string) => string | false;
  };
}

declare module "fresh" {
  import type { IncomingHttpHeaders } from "node:http";
  /** Whether the sender of a request with these headers has the response (RFC 9110, 13.1). */
  export default function fresh(request: IncomingHttpHeaders, response: { etag: string }): boolean;
}
