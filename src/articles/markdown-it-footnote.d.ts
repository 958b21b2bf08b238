declare module "markdown-it-footnote" {
  import type MarkdownIt from "markdown-it";
  const footnote: (parser: ReturnType<typeof MarkdownIt>) => void;
  export default footnote;
}
