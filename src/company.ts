// The facts of the company, in one place. Lines marked OWNER are sensible defaults that only the owner can confirm; the README lists them.
// Sentences about how the site works live in the views; whatever is promised about reply times and retention comes from the settings.

/** Working hours are on weekdays, local time. */
const copenhagen = {
  city: "Copenhagen",
  street: "1 Carlsberg Gate",
  place: "1260 København",
  country: "Denmark",
  countryCode: "DK",
  language: "da",
  timeZone: "Europe/Copenhagen",
  opensAtHour: 8, // OWNER
  closesAtHour: 17, // OWNER
};

export type Office = typeof copenhagen;

const magelang: Office = {
  city: "Magelang",
  street: "12 Jalan Bligo",
  place: "56485 Magelang",
  country: "Indonesia",
  countryCode: "ID",
  language: "id",
  timeZone: "Asia/Jakarta",
  opensAtHour: 8, // OWNER
  closesAtHour: 17, // OWNER
};

export const company = {
  name: "Clean Systems Consulting",
  shortName: "Clean Systems",
  tagline: "Backend engineering from Copenhagen and Magelang",
  registration: undefined as string | undefined, // OWNER: company number (CVR), shown in the footer when it is set
  offices: [copenhagen, magelang],
  /** Dates of articles and promises to reply are days of this office. */
  headOffice: copenhagen,
};
