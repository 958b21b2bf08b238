// The private address of an article that is not public yet: nobody can guess it without the secret, and it says nothing of the article.

import { createHmac } from "node:crypto";

/** 128 bits as 32 hexadecimal digits. */
export function previewToken(secret: string, slug: string): string {
  return createHmac("sha256", secret).update(slug).digest("hex").slice(0, 32);
}
