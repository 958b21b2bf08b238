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
  pitch: {
    kicker: "Scale Your Backend",
    heading: "Need an Experienced Backend Developer?",
    paragraphs: [
      "Our backend engineers join your team as contractors. They build what is missing, improve what is there, and make room for the growth that is coming.",
      "We care about a design that stays clean, documentation that people can find, and systems that go on being reliable while the product around them grows.",
      "We work in our own development environments and in the hours of US, EU and APAC teams. What we know is written down, so nobody has to wait for a meeting to go on.",
    ],
    points: [
      {
        title: "Production Backend Experience",
        text: "Years with the systems, interfaces and databases that real customers lean on every day.",
      },
      {
        title: "Scalable Architecture",
        text: "Designs that take more users and more data without asking for a rewrite first.",
      },
      {
        title: "Contractor Friendly",
        text: "Short projects, long-term support, or extra help during releases: you choose the size.",
      },
      {
        title: "Focus on Backend Reliability",
        text: "API performance and database stability are looked after before they become incidents.",
      },
      {
        title: "Documentation-Driven Development",
        text: "The decision is written before the code, and your team can work from it when we have left.",
      },
      {
        title: "Domain-Driven Design",
        text: "The code speaks the words of your business, so a change there is a change in one place here.",
      },
    ],
  },
};
