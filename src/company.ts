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

/** A fact that pages show only if `value` is set. */
export type Fact = { label: string; value: string | undefined };

/** Shown in the footer. */
const registration: Fact = { label: "company number (CVR)", value: undefined }; // OWNER

/** Shown in the privacy notice. A noun phrase: "the standard contractual clauses of the European Commission". */
const transferSafeguard: Fact = {
  label: "safeguard for reading inquiries in Indonesia (GDPR Article 13(1)(f))",
  value: undefined,
}; // OWNER

/** What clients ask before they sign. A label follows "Ask us about", and a value is one or two sentences of plain text. */
const terms: Fact[] = [
  { label: "pricing", value: undefined }, // OWNER
  { label: "charges for the first week", value: undefined }, // OWNER
  { label: "minimum engagement", value: undefined }, // OWNER
  { label: "notice periods", value: undefined }, // OWNER
  { label: "availability", value: undefined }, // OWNER
  { label: "the engineers who would do the work", value: undefined }, // OWNER
  { label: "client references", value: undefined }, // OWNER
  { label: "working languages", value: undefined }, // OWNER
  { label: "our technology stack", value: undefined }, // OWNER
  { label: "intellectual property", value: undefined }, // OWNER
  { label: "non-disclosure agreements", value: undefined }, // OWNER
  { label: "insurance", value: undefined }, // OWNER
  { label: "data processing agreements", value: undefined }, // OWNER
  { label: "data transfers outside the EU", value: undefined }, // OWNER
  { label: "replacement of an engineer who is ill", value: undefined }, // OWNER
];

export const company = {
  name: "Clean Systems Consulting",
  shortName: "Clean Systems",
  tagline: "Backend engineering from Copenhagen and Magelang",
  registration,
  transferSafeguard,
  terms,
  offices: [copenhagen, magelang],
  /** The dates of articles and reply times are dates in this office's time zone. */
  headOffice: copenhagen,
};

/** All facts that are unset by default. */
export const optionalFacts = [registration, transferSafeguard, ...terms];

/** Returns the labels of the facts without a value. */
export const unsetLabels = (facts: Fact[]): string[] =>
  facts.filter(({ value }) => !value).map(({ label }) => label);
