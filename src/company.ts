// Facts about the company. Lines marked OWNER are defaults that only the owner can confirm; the README lists them. Reply times and
// retention are settings.

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
  registration: undefined as string | undefined, // OWNER: company number (CVR), shown in the footer if it is set
  offices: [copenhagen, magelang],
  /** The dates of articles and reply times are dates in this office's time zone. */
  headOffice: copenhagen,
};
