// Texts as clients write them, in five languages. They were written before their author had seen the
// rule that quarantines. An earlier rule stopped seven of eight such texts, so none may be stopped.

type ClientText = { language: string; text: string; company?: string };

export const clientTexts: ClientText[] = [
  {
    language: "en",
    company: "Harrow & Lyle Ltd",
    text: `Our checkout hangs for about forty seconds every day around noon and then recovers. Nothing in
the logs except "connection pool exhausted". We've raised the pool from 20 to 80 and it got worse.
Could one of you look at it with us next week?`,
  },
  { language: "en", text: "https://status.brightwell.example/incidents/4412" },
  {
    language: "en",
    company: "Orchid Freight Inc.",
    text: `Hi, we are a freight company in Ohio with a team of 12 developers. We are interested in a review of
our order service before we move it to Kubernetes. Our budget is $25,000, maybe more if you can also
train the team. Can you send a proposal and your rates? Our website is https://orchidfreight.example.`,
  },
  {
    language: "en",
    text: `We sell online courses. Since we changed our marketing automation the site is slow, our ranking in
Google fell from page one to page three, and the SEO agency says it's the server. They want $3,000 a
month. I'd like somebody independent to tell us whether that's true.`,
  },
  {
    language: "en",
    text: `curl -v https://api.tamarack.example/v2/orders
* Connected to api.tamarack.example (10.1.4.22) port 443
> GET /v2/orders HTTP/1.1
< HTTP/1.1 502 Bad Gateway
Same for https://api.tamarack.example/v2/items, https://api.tamarack.example/v2/users,
https://api.tamarack.example/v2/carts, https://api.tamarack.example/v2/prices and
https://api.tamarack.example/health. Started 03:10 UTC, right after the deployment.`,
  },
  {
    language: "en",
    text: "production down!!! CALL ME +1 555 0142 any time, we lose money every minute",
  },
  {
    language: "en",
    company: "www.pellworm-cycles.example",
    text: `We run a small bike shop. A freelancer built our shop and has disappeared. We have the code (see
https://github.com/pellworm/shop) but nobody who understands it. Do you take over such things?`,
  },
  {
    language: "en",
    text: `Dear Sir or Madam, I hope this message finds you well. On behalf of the Ministry's digital unit I
would like to invite your company to submit an offer for an audit of our booking platform. Please
confirm your interest by Friday so that I can forward the tender documents.`,
  },
  {
    language: "en",
    text: `We moved our forum from phpBB and the converter left posts like
[url=https://forum.kestrel.example/viewtopic.php?t=81]this one[/url] unconverted, about 40,000 of
them. The job that should repair them runs out of memory after an hour. Is it something you'd look at?`,
  },
  {
    language: "en",
    text: `Followed your article on retries and still see duplicates: our payment provider calls the webhook
twice within 5 ms and both requests pass the "already processed?" check. We use Postgres 16 with the
default isolation level. Would a unique index do, or do we need a lock? Paid advice welcome.`,
  },
  {
    language: "da",
    company: "Nørre Savværk ApS",
    text: `Hej. Vores lagersystem går ned hver mandag morgen, når alle logger på samtidig. Vi er et firma med 30
ansatte og har ingen egne udviklere. Kan I hjælpe, og hvad koster det cirka? Hilsen Bente`,
  },
  {
    language: "da",
    text: `Vi har købt en webshop af et bureau, der nu er lukket. Den ligger på https://butik.savvaerk.example og
https://test.savvaerk.example. Vi vil gerne have jer til at gennemgå koden og give et tilbud.`,
  },
  {
    language: "da",
    text: "Er I interesserede i at overtage driften af vores hjemmeside? Ring gerne på 12 34 56 78.",
  },
  {
    language: "da",
    text: `Det tager nu 9 timer at køre fakturaerne. For et år siden tog det 40 minutter. Databasen er vokset til
600 GB, og indekserne er de samme. Vi har et vindue på 6 timer. Kan vi få et møde i denne uge?`,
  },
  {
    language: "da",
    text: `Kære alle, vi leverer lønsystemer til kommuner og skal i udbud igen. Vi søger en uvildig vurdering af
vores arkitektur, gerne med rapport på dansk. Priser og referencer modtages gerne på mail.`,
  },
  {
    language: "de",
    company: "Bäckerei Öz & Söhne",
    text: `Guten Tag, unsere Bestellseite lädt seit dem Update nur noch jedes zweite Mal. Manchmal erscheint
"504 Gateway Time-out". Unser Dienstleister meldet sich nicht. Wann hätten Sie Zeit?`,
  },
  {
    language: "de",
    text: `Wir sind ein mittelständisches Unternehmen aus Bielefeld und bieten eine Software für Arztpraxen an.
Wir suchen jemanden, der unsere Entwickler zwei Tage zu Tests und Code-Reviews schult. Budget 8.000 €.`,
  },
  {
    language: "de",
    text: `Stacktrace: java.lang.OutOfMemoryError: Java heap space
  at com.example.report.PdfRenderer.render(PdfRenderer.java:211)
  at com.example.report.Job.run(Job.java:58)
Jede Nacht, immer beim selben Mandanten. Heap ist 8 GB. Dump (11 GB) liegt bereit.`,
  },
  {
    language: "de",
    text: "Siehe https://gitlab.werkbank.example/betrieb/tickets/-/issues/118, bitte um Rückruf.",
  },
  {
    language: "de",
    text: `Sehr geehrte Damen und Herren, wir erhalten täglich Hunderte von Werbemails über unser
Kontaktformular ("Verbessern Sie Ihr Google-Ranking!", "Bitcoin verdoppeln", "Casino-Bonus"). Können
Sie das Formular so umbauen, dass das aufhört?`,
  },
  {
    language: "fr",
    company: "Coopérative du Lac",
    text: `Bonjour, notre site de réservation tombe dès que la météo annonce du soleil. Nous avons trois
serveurs, un répartiteur de charge et aucune idée. Pouvez-vous intervenir avant le 15 juin ?`,
  },
  {
    language: "fr",
    text: `Nous sommes une agence web à Lyon et nous cherchons un partenaire pour les migrations de bases de
données de nos clients. Seriez-vous intéressés ? Nos réalisations : https://agence-lumiere.example`,
  },
  {
    language: "fr",
    text: `Depuis la mise à jour de la bibliothèque de paiement, certaines commandes sont débitées deux fois.
Le fournisseur dit que la faute vient de nous. Il nous faut une expertise indépendante et écrite.`,
  },
  {
    language: "fr",
    text: "Urgent ! Base de données corrompue, sauvegarde illisible. Tél. 04 00 00 00 00.",
  },
  {
    language: "fr",
    text: `Pourriez-vous m'envoyer votre brochure, vos tarifs et la liste de vos clients ? C'est pour un appel
d'offres, voir le cahier des charges : https://marches.example/consultation/2291 (lot 3).`,
  },
  {
    language: "es",
    company: "Hermanos Iglesias S.L.",
    text: `Hola, tenemos una tienda de vinos y la página va muy lenta los fines de semana. El proveedor quiere
cobrarnos 12.000 € por un servidor nuevo. ¿Podrían decirnos si de verdad hace falta?`,
  },
  {
    language: "es",
    text: `Somos una empresa de Bogotá y ofrecemos créditos a pequeños negocios. Queremos que revisen la
seguridad de nuestra aplicación antes del lanzamiento. Presupuesto: US$ 15.000.`,
  },
  {
    language: "es",
    text: `ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction. Unas 300 veces al día
desde el martes. Adjunto aquí el enlace a las métricas: https://grafana.tienda.example/d/abc123/mysql`,
  },
  {
    language: "es",
    text: "Me interesa la formación para equipos. ¿Hacen cursos en español, a distancia?",
  },
  {
    language: "es",
    text: `Buenas tardes. Encontramos su sitio web por el artículo sobre colas. Queremos mejorar nuestro
posicionamiento frente a la competencia con un sistema que no se caiga; ¿cuándo podemos hablar?`,
  },
  // Readers had these quarantined by an earlier rule.
  {
    language: "en",
    text: `Our procurement department is preparing a list of suppliers. Please send us your company profile,
price list and portfolio.`,
  },
  {
    language: "en",
    company: "Vinhandel Strand",
    text: `We keep getting mails like this through our own contact form:
> Dear owner, we offer SEO services and can bring your website to the first page of Google for $99.
> Reply for a free quote! https://rank-first.example https://cheap-links.example
How do we stop such mails?`,
  },
  {
    language: "en",
    text: `Our crawler gets stuck. The log of one run:
${Array.from({ length: 18 }, (_, n) => `03:0${n % 10}:12 GET https://www.lumen.example/shop/page/${n + 1} 503`).join("\n")}`,
  },
  {
    language: "en",
    text: "We found your website. Are you interested in taking over maintenance?",
  },
  {
    language: "en",
    text: "[url rewrite] in our IIS gateway broke on Friday. Since then every tenth request is a 404.",
  },
  { language: "en", text: "We want a second opinion before we sign. Our budget is $40,000." },
  {
    language: "en",
    company: "https://www.kjaer-el.dk/om-os",
    text: "Our booking page loses every tenth booking. Can you help?",
  },
];
