// The paths of pages and files of which there are many. src/web/pages.ts has the fixed pages.

export const articlePath = (slug: string) => `/articles/${slug}`;

/** Returns the path of an article's examples, or of a file among them. */
export const examplesPath = (slug: string, file = "") =>
  `${articlePath(slug)}/examples${file && `/${file}`}`;

export const topicPath = (slug: string) => `/topics/${slug}`;

export const authorPath = (key: string) => `/authors/${key}`;

/** The private preview of an article that is not public. */
export const previewPath = (token: string) => `/drafts/${token}`;

/** `name` has a hash of the content. Lower case, as in all URLs of the site. */
export const imagePath = (name: string) =>
  `/images/${name.split("/").map(encodeURIComponent).join("/")}`.toLowerCase();

export const sharingImagePath = (slug: string) => `/og/${slug}.png`;

/** What a visitor sees after sending the form. */
export const receiptPath = (reference: string) => `/contact/received?ref=${reference}`;

/** The page on which staff set the progress of an inquiry. */
export const staffPath = (token: string) => `/staff/${token}`;
