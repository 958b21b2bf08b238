// The colours of the site. Pages, the mail to staff, sharing images, icons and the figures of
// articles take them from here. After a change of `ground`, `ink` or `bar` run `npm run icons`.

/**
 * The colours and what each one is for, as #rrggbb: some mail programs do not support three digits.
 */
const light = {
  accent: "#0a594d", // links, hovered buttons, selected answers
  ground: "#f3f6f4", // background of pages, of sharing images and of the browser's address bar
  ink: "#12201c", // text, rules, buttons, bars with code
  quiet: "#43514c", // text that is less important
  line: "#c8d2cd", // lines between items
  edge: "#62706a", // the edges of fields
  field: "#ffffff", // background of fields and of the mail to staff
  bar: "#3f9a86", // bars of time, the logo
  barText: "#08221d", // text inside a bar of time
  hot: "#b32a14", // errors and failures
  hotGround: "#fbe9e5",
  code: "#e8eeeb", // background of code
  band: "#0b3a33", // background of the dark band
  bandInk: "#eef5f2", // text in the band
  bandQuiet: "#b7d1ca",
  bandLine: "#2f5f56",
};

const dark: typeof light = {
  ...light,
  accent: "#83d3c0",
  ground: "#0e1514",
  ink: "#e4ebe8",
  quiet: "#a2b1ab",
  line: "#27332f",
  edge: "#788781",
  field: "#151e1c",
  hot: "#ff8f7a",
  hotGround: "#2b1713",
  code: "#17211e",
  band: "#12302b",
  bandLine: "#2b544c",
};

export const colours = { light, dark };

/** A plan or a letter is paper also in the dark, but not as bright as white. */
export const paper: typeof light = { ...light, field: light.code };

/** Returns the colours as custom properties: `hotGround` becomes `--hot-ground`. */
export const colourProperties = (): string =>
  `:root{${declarations(light)}}@media(prefers-color-scheme:dark){` +
  `:root{${declarations(dark, light)}}.sheet{${declarations(paper, dark)}}}`;

const declarations = (scheme: typeof light, other: Partial<typeof light> = {}) =>
  Object.entries(scheme)
    .filter(([name, colour]) => other[name as keyof typeof light] !== colour)
    .map(([name, colour]) => `--${name.replace(/[A-Z]/g, "-$&").toLowerCase()}:${colour}`)
    .join(";");
