// Facts about the company. Only the owner can confirm the lines marked OWNER (docs/owner.md). Reply
// times and retention are settings.

const copenhagen = {
  city: "Copenhagen",
  street: "1 Carlsberg Gate",
  postalCode: "1260",
  town: "København",
  country: "Denmark",
  language: "da",
  timeZone: "Europe/Copenhagen",
};

const magelang: typeof copenhagen = {
  city: "Magelang",
  street: "12 Jalan Bligo",
  postalCode: "56485",
  town: "Magelang",
  country: "Indonesia",
  language: "id",
  timeZone: "Asia/Jakarta",
};

const offices = [copenhagen, magelang];

export const company = {
  name: "Clean Systems Consulting",
  shortName: "Clean Systems",
  tagline: `Backend engineering from ${offices.map(({ city }) => city).join(" and ")}`,
  offices,
  /** The dates of articles and reply times are dates in this office's time zone. */
  headOffice: copenhagen,
};

/**
 * Terms for clients who are about to sign, on "Services". OWNER: pricing, when work can begin,
 * minimum engagement, notice periods, references, confidentiality, personal data in the systems of
 * clients, intellectual property, liability and so on. A term that is not here does not appear.
 */
const terms: { name: string; text: string }[] = [];

type OptionalFacts = {
  registration: string;
  inquiriesReadIn: string;
  transferSafeguard: string;
  /** On weekdays, in the local time of each office. */
  officeHours: { opensAtHour: number; closesAtHour: number } | undefined;
  terms: typeof terms;
};

/** Facts that pages leave out while they are empty. Views have them in `site.company` too. */
export const optionalFacts: OptionalFacts = {
  /** For the footer, such as "Clean Systems Consulting ApS, CVR 12345678". */
  registration: "", // OWNER
  /** Where staff read inquiries, for the privacy notice: "Denmark and Indonesia". */
  inquiriesReadIn: "", // OWNER
  /**
   * The safeguard for inquiries that are read outside the European Union (GDPR Article 13(1)(f)),
   * for the privacy notice: "the standard contractual clauses of the European Commission".
   */
  transferSafeguard: "", // OWNER
  /** Pages show them, and how many hours we share with a client's city: { opensAtHour: 8, closesAtHour: 17 }. */
  officeHours: undefined, // OWNER
  terms,
};
