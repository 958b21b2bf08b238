// Facts about the company. The owner supplies the lines marked OWNER, which pages leave out until
// then, and confirms the rows of `claims`, which pages say already. Reply times and retention are
// settings.

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
  /** When offices are open on weekdays, in the local time of each. */
  officeHours: { opensAtHour: number; closesAtHour: number } | undefined;
  clientCode: string;
  clientCase: string;
  terms: typeof terms;
};

/** Facts that pages leave out while they are empty. Views have them in `site.company` too. */
export const optionalFacts: OptionalFacts = {
  /**
   * The company's registered name and number, for the footer: "Clean Systems Consulting ApS, CVR
   * 12345678".
   */
  registration: "", // OWNER
  /** Where staff read inquiries, for the privacy notice: "Denmark and Indonesia". */
  inquiriesReadIn: "", // OWNER
  /**
   * The safeguard for inquiries that are read outside the European Union (GDPR Article 13(1)(f)),
   * for the privacy notice: "the standard contractual clauses of the European Commission".
   */
  transferSafeguard: "", // OWNER
  /**
   * The hours of the offices, such as { opensAtHour: 8, closesAtHour: 17 }. Pages show them, and
   * how many of them we share with a client's city.
   */
  officeHours: undefined, // OWNER
  /**
   * Sentences about a client's code, for "How we work": where a copy of it goes, whether a coding
   * agent reads it, and whose, and when the copy is deleted.
   */
  clientCode: "", // OWNER
  /**
   * A client's case for the home page, with the client's permission, even without a name: what
   * failed, what we found, what we repaired and what we left alone.
   */
  clientCase: "", // OWNER
  terms,
};

type Claim = {
  says: string;
  /** The addresses of the pages that make this claim. */
  on: readonly string[];
  confirmed: boolean;
};

const contract = ["/services", "/contact"];
const beforeContract = ["/", "/how-we-work", ...contract];

/**
 * What the site says and only the owner can confirm. While a row isn't confirmed, doctor lists it
 * and production counts it in its log when it starts. The table in docs/owner.md has the same rows.
 */
export const claims: readonly Claim[] = [
  {
    says: "The offices are at these addresses. “Gate” and a number before the name of a street are unusual in Denmark, and 1260 may be another district.",
    on: ["/", "/contact"],
    confirmed: false,
  },
  {
    says: "The first reply, with questions and a first opinion, is free.",
    on: beforeContract,
    confirmed: false,
  },
  {
    says: "We propose work in writing, with what it costs.",
    on: contract,
    confirmed: false,
  },
  {
    says: "Nothing is owed until a proposal is accepted in writing.",
    on: contract,
    confirmed: false,
  },
  {
    says: "A first week of analysis can be booked. It needs these people, this access and this test system from the client, and its plan says how many days each repair takes.",
    on: ["/", "/services", "/how-we-work"],
    confirmed: false,
  },
  {
    says: "We take no copy of a client’s data, and use no production passwords in the first week.",
    on: ["/services", "/how-we-work"],
    confirmed: false,
  },
  {
    says: "A client gets a report every week, a test for every cause that we remove, a runbook that its team has worked through, and every account back.",
    on: ["/how-we-work"],
    confirmed: false,
  },
  {
    says: "We aren’t on call, and we don’t work on a client’s premises.",
    on: ["/services", "/contact", "/how-we-work"],
    confirmed: false,
  },
  {
    says: "A promised reply is due at 17:00 in Copenhagen. Constitution Day, Christmas Eve and New Year’s Eve count as holidays.",
    on: ["/contact"],
    confirmed: false,
  },
  {
    says: "The legal bases, the countries in which inquiries are read, and the rest of the privacy notice. A lawyer should read it once.",
    on: ["/privacy"],
    confirmed: false,
  },
  {
    says: "We examine a complaint free of charge: the email that the article proposes offers it.",
    on: ["/articles/when-clients-hate-your-work"],
    confirmed: false,
  },
  {
    says: "Eric Hanson puts his name to this article. Its title, its headings and its points are the owner’s, the sentences were written for him, and it tells nothing of his own.",
    on: ["/articles/why-backend-developers-carry-the-most-responsibility"],
    confirmed: false,
  },
];

export const unconfirmedClaims = claims.filter(({ confirmed }) => !confirmed);
