// Inquiries as clients write them, and advertisements. Every person and company is invented; all
// addresses end in .example. One per line: name | address before .example | company | kind |
// message. ¶ is a line break; * before the name: a password manager filled the trap.

import type { FormChanges } from "../support/form.ts";

const real = `
Mette Kjærgaard | mette@nordhavnlogistik | Nordhavn Logistik | team | Hej. Vi har en Spring Boot-monolit fra 2017, som ingen længere tør røre ved. Vi leder efter to erfarne udviklere, der kan gå ind i vores team fra januar.¶¶Vi er seks backendfolk i Aarhus og arbejder mest hjemmefra.
Søren Østergaard | søren@ærøfærger | Ærø Færger | project | Vores billetsystem kan ikke følge med i juli. Kan I se på databasen, før sæsonen starter? Budget omkring 300.000 kr.
Jens-Peter Bisgård | jpb@vindkraftvest | Vindkraft Vest ApS | support | Vi mangler nogen, der kan holde liv i vores målerdata-platform (Kafka, PostgreSQL, Kotlin). Dokumentationen ligger her: https://docs.vindkraftvest.example/platform
* Anne Sofie Dalgaard | asd@klinikportalen | Klinikportalen | release | Vi går live 1. marts og er to mand for lidt. Kan I hjælpe i otte uger? Det er sundhedsdata, så I skal kunne arbejde i vores miljø.
Dr. Jürgen Weiß | j.weiss@maschinenbau-weiss | Weiß Maschinenbau GmbH | team | Guten Tag, wir suchen zwei Backend-Entwickler (Java 21, Quarkus) für unsere Ersatzteilplattform. Beginn möglichst im Februar, zunächst sechs Monate. Remote ist kein Problem.¶¶Mit freundlichen Grüßen¶Jürgen Weiß
* Kai-Uwe Brandt | kub@versicherungskontor | Versicherungskontor Nord | support | Wir betreiben eine Schadensmeldung auf Spring Boot 2.7 und müssen auf 3.x. Zwei unserer Entwickler gehen im Frühjahr. Können Sie längerfristig unterstützen?
Budi Santoso | budi@warungdigital | PT Warung Digital | team | Selamat siang, kami membutuhkan tiga backend engineer (Go atau Java) untuk bergabung dengan tim kami di Yogyakarta. Durasi kontrak enam bulan, bisa diperpanjang.
Siti Nurhaliza Putri | siti@kliniksehat | Klinik Sehat Bersama | project | Sistem antrean pasien kami sering berhenti pada jam sibuk. Apakah tim di Magelang bisa datang untuk melihat langsung?
* Dewi Lestari Wulandari | dewi@kopinusantara | Kopi Nusantara | support | Kami punya aplikasi gudang di Laravel dan MySQL, dibuat vendor yang sudah tutup. Butuh dukungan jangka panjang dan dokumentasi.
山田 太郎 | yamada@kaigan-butsuryu | 海岸物流株式会社 | team | はじめまして。倉庫管理システムのバックエンド開発者を二名探しております。JavaとPostgreSQLの経験がある方を希望します。期間は六か月の予定です。
佐藤 美咲 | sato@midori-kenkou | みどり健康 | project | 予約APIの性能診断をお願いできますでしょうか。夜間バッチが朝まで終わりません。資料：https://docs.midori-kenkou.example/batch
王小明 | wang@changjiang-yun | 长江云科技 | team | 你好，我们正在寻找有微服务经验的后端工程师，最好熟悉消息队列和分布式事务。团队在上海和柏林，文档用英文写。
박서연 | seoyeon@jeju-travel | 제주트래블 | team | 예약 데이터가 채널마다 달라서 정합성 문제가 큽니다. Go와 PostgreSQL 경험이 있는 분을 찾습니다. https://github.com/jeju-travel/booking
* Priya Raman | priya@fjordfreight | Fjord Freight | team | We run order routing for 40 carriers on one Postgres instance. The nightly import takes until breakfast.
Tom O'Connell | tom.o'connell@galwaygrid | Galway Grid | support | Our on-call rota is down to one person, me. I would like to sleep again before Easter.
* Hugo van der Meer | hugo@polderpost | PolderPost | team | Hi! Our repos: https://github.com/polderpost/router, https://github.com/polderpost/tracker and the API docs at https://api.polderpost.example/docs. We need someone who has run RabbitMQ in anger.
Ravi | ravi@chaiandcode | | unsure | hi, are you taking on small startups? we are 3 people, seed stage, everything in one Django app :)
* Fatima Zahra Benali | fatima@atlasmobility | Atlas Mobility | release | Bonjour, we work in French and English. The driver app release is in six weeks and the dispatch backend is not ready.
Chris Park | chris@tidewaterapi | Tidewater | project | Rate limiting, idempotency keys, webhooks with retries: we have bad versions of all three. See https://tidewater.example/docs/webhooks, https://tidewater.example/docs/idempotency, https://tidewater.example/status and our postmortem at https://tidewater.example/blog/november-outage
* Olu Adeyemi | olu@northquay | North Quay Insurance | project | Claims export to the regulator: 900k XML files a year, fails silently. Needed by the end of Q1. Budget is approved, 60k EUR.
Ana-Lucía Fernández | ana@puertoazul | Puerto Azul | release | Hola, in English as your site is: stack trace below, it happens under load only.¶¶java.lang.IllegalStateException: Connection pool shut down¶	at org.example.Pool.get(Pool.java:42)¶	at com.puertoazul.Booking.run(Booking.java:118)¶¶Have you seen this before?
Maja Frost | maja@nordfrost | https://nordfrost.example/ | project | Vores lagersystem bliver langsommere for hver måned. Kan I hjælpe os med databasen?
Pekka Virtanen | pekka@saimaasteel | www.saimaasteel.example | team | Moi, two Java people from February please. Plant data, OPC UA to Kafka to PostgreSQL.
Freja Bogh | freja@bogland | Bogland | failing | <p>Hi,</p><p>the <b>checkout</b> returns <a href="https://bogland.example/checkout">500</a> since friday.
Ole Skov | ole@skatvarm | Skatvarm | failing | From our Jira: [url=https://jira.skatvarm.example/browse/OPS-221]OPS-221[/url] {code}NullPointerException at Meter.java:88{code}
Tanja Riis | tanja@told | Told Nord | support | Every third call returns this:¶¶<soap:Fault><faultstring>Timeout</faultstring><detail><a href="https://told.example/err/9">err 9</a></detail></soap:Fault>
Ken Abe | ken@abeforms | Abe Forms | project | The export breaks when the user name contains <script>alert(1)</script> or <a href="x">, also from <a href="http://localhost:8080/users">.
`;

const spam = `
Mike Boost | mike@rank-boost | Rank Boost | unsure | [url=http://rank-boost.example]First page on search engines[/url] guaranteed!!!
HelloDear | a1@cheap-pills | | unsure | <a href="http://cheap-pills.example/?id=7">Best prices</a> no prescription
http://win-prize.example | claim@win-prize | | unsure | You have been selected. Claim now.
Crypto Team | team@moon-coin | www.moon-coin.example | unsure | Double your coins in 24 hours.
SEO Expert | seo@link-farm | Link Farm | unsure | LINKS 12
* Robert | robert@loan-fast | Loan Fast | unsure | LINKS 4
* JamesJab | jj@replica-watch | google | unsure | LINKS 5
Ольга | olga@dating | https://dating.example | unsure | Привет, хочешь познакомиться?
AlexBot | x@backlinks | | unsure | Buy [URL=https://backlinks.example]backlinks[/URL] and <a  href=https://backlinks.example>more</a>
Eric | eric@talk-with-visitor | Talk | unsure | LINKS 20
`;

// Sixty messages, half of them pitches, that were fixed before the signals were tuned. The honest
// ones use words of pitches where a client would.
const honest = `
Bo Lind | bo@hjemmeside-drift | Hjemmeside | failing | <a href="https://hjemmeside-drift.example">Our site</a> shows java.lang.NullPointerException at a.b.C(C.java:12) after each [url=https://log.example/7]log[/url] rotation, and SELECT * on the orders table takes four minutes since the upgrade.
Kaj Holm | kaj@nordcms | Nord CMS | failing | After the upgrade our CMS escapes links twice, and readers see <a href="https://cms.example/x">x</a> instead of a link. Java 21, Thymeleaf. Can you find it in a day?
Uwe Brandt | uwe@forum-nord | Forum Nord | project | Our forum software still stores BBCode like [url=https://forum.example/t/1]thread[/url] in PostgreSQL, 80 million posts. We want HTML without stopping the site.
Helle Krogh | helle@boligmatch | BoligMatch | failing | We came across your website through the article on retries. Our listing search is slow, and since Google ranks slow pages lower, we lose traffic every week. Can you look at the API behind it?
Sam Whitlock | sam@seomonitor | SeoMonitor | team | We build an SEO tool: crawlers, rank tracking, backlink index. 4 billion rows in ClickHouse, and ingestion falls behind. We need two backend engineers for six months.
Ingrid Moe | ingrid@fjelltur | Fjelltur AS | project | Our website was built by an agency that no longer answers. Could you take over the backend (Node, PostgreSQL) and document it? No redesign needed.
Daniel Okafor | daniel@paylane | PayLane | failing | Payments time out every evening between six and eight. We doubled the servers and it did not help. Looking forward to hearing from you.
Lone Thygesen | lone@byensmad | Byens Mad | release | Vi lancerer ny hjemmeside og app i april og mangler en backendudvikler i otte uger. Hvad koster det?
Marcin Zielinski | marcin@logistar | Logistar | support | We are a leading company in refrigerated transport in Poland. Our dispatch system runs on Java 8. We would like long-term support and a plan to reach Java 21.
Grace Liu | grace@shoplane | Shoplane | team | Hi team, our marketing site is fine, the order API is not. Conversion rate dropped by 3% because checkout answers in four seconds. Can we have a quick call this week?
Tobias Frank | tobias@agentur-frank | Agentur Frank | team | We are a web design agency. A client of ours needs a booking backend, which we cannot build ourselves. Would you work for us as subcontractors?
Nadia Haddad | nadia@clinicflow | ClinicFlow | failing | Our appointment reminders go out twice or not at all. RabbitMQ, Go, about 40,000 a day. We need someone to find out why.
Peter Vang | peter@vangtech | Vang Tech | unsure | Kan I hjælpe os med at komme på førstesiden af Google? Nej, spøg til side: vores søgning er langsom, og vi tror det er databasen.
Elena Rossi | elena@vinodirect | Vino Direct | project | We want to increase online sales before Christmas, but the shop falls over at 300 orders an hour. Magento with a custom stock service in PHP. Budget 25k EUR.
Aisha Khan | aisha@edulink | EduLink | team | Good day, I hope you are well. We are looking for three contractors (Kotlin, Kafka) from March. Please send your rates and availability.
Bjarke Holm | bjarke@energidata | EnergiData | support | Målerdata kommer for sent ind. Vi har 120.000 målere og en TimescaleDB, der er løbet fuld. Kan I se på det i denne uge?
Mark Jensen | mark@leadflow | LeadFlow | project | We generate leads for insurers. Our deduplication service compares each lead with 80 million records and takes 12 hours. It should take one.
Yuki Tanaka | yuki@tabimap | TabiMap | release | Our mobile app development team needs help with the backend for a release in six weeks. Spring Boot, Redis, AWS Tokyo.
Carlos Mendes | carlos@cryptobooks | CryptoBooks | team | We do bookkeeping for crypto traders. Importing from exchanges is unreliable: rate limits, missing trades, duplicates. Two engineers for a year?
Rune Dahl | rune@dahlmedia | Dahl Media | project | Vores nyhedssite har 2 mio. læsere om måneden. CMS-API'et kan ikke følge med ved breaking news. Vi vil gerne have en performance-gennemgang.
Olivia Grant | olivia@grantlegal | Grant Legal | unsure | I am not technical. Our contact form loses messages and our developer left. Is that something you do?
Wei Zhang | wei@portlink | PortLink | failing | Container tracking: events arrive out of order and customers see wrong positions. 100% of our traffic goes through one consumer. Please contact me at your earliest convenience.
Hanna Lindqvist | hanna@solkraft | Solkraft | support | We saw your services page. Do you offer on-call for production systems, and what does it cost per month?
Ben Carter | ben@ticketbay | TicketBay | release | On-sale on 12 January, we expect 90,000 users in the first minute. Free for a quick chat tomorrow at 10?
Amina Yusuf | amina@agritrace | AgriTrace | project | Dear Sir or Madam, we are a cooperative of 400 farmers. We need an affordable offline-first sync service for our app. We have a grant of 40,000 USD.
Thomas Bech | thomas@bechautomation | Bech Automation | team | I have read three of your articles and would like two of you on our team. We outsource nothing else. C# mostly, some Java. When could you start?
Julia Novak | julia@rentio | Rentio | failing | After the upgrade to Spring Boot 3 every tenth request fails with a 500. See our status page: https://status.rentio.example and the trace at https://gist.rentio.example/ab12
Mikkel Friis | mikkel@friisdata | Friis Data | unsure | Er I interesserede i en opgave for en dansk kommune? Udbud med frist 15. januar, Java og Oracle.
Sofia Petrova | sofia@adbridge | AdBridge | team | We run an ad exchange: 300,000 bids a second, p99 of 80 ms. We want to boost throughput without more machines. Rust or Java, remote.
George Palmer | george@palmerwine | Palmer Wine | project | We would like to move from WordPress with WooCommerce to something we can trust with stock. Could you advise us before we choose an agency?
Lars Iversen | lars@havnelog | HavneLog | support | Vi har en lille app til lodser. Den skal drives de næste tre år, og vi har ingen udviklere. Kan I give et tilbud?
Chloe Martin | chloe@mailwise | MailWise | failing | We send newsletters for shops, 8 million emails a day, and our bounce processing is three days behind. Postfix, Python, MySQL.
Ivan Horvat | ivan@gostapp | GostApp | team | Hello, we are a startup with funding for 18 months. We need a backend lead and an engineer who can also do SEO-friendly server rendering in Next.js.
`;

const pitches = `
Emily Carter | emily@rankpros | RankPros | unsure | Hi, I was on your website and noticed that it is not ranking on the first page of Google for your main keywords. We can get you there in 90 days with white hat SEO. Can I send you a proposal and price list?
Neha Sharma | neha@webgrow | WebGrow Solutions | unsure | Hello sir/madam, we are a leading SEO and web design company based in India. We offer on-page, off-page and link building at an affordable price. May I send you a free audit report of your website?
Jason Miller | jason@outreachly | Outreachly | unsure | Hi there, do you accept guest posts on your blog? We pay $50 per article with one do-follow link. Please let me know your price for a sponsored post.
Olga M | olga@linkhub | LinkHub | unsure | We have 3,000 high authority sites for backlinks, DA 50+. Interested in link insertion on your site? Reply for our list.
David Brown | david@leadlistpro | LeadListPro | unsure | Would you be interested in an email list of 12,000 CTOs in Europe? Verified contacts, names, phone numbers. We can send a sample and counts.
Rahul Verma | rahul@codecraft-india | CodeCraft | unsure | We are a software development company with 200+ developers in React, Node, Java and PHP at $15 per hour. We would love to be your offshore outsourcing partner. Can we schedule a call?
Sophie Adams | sophie@explainit | ExplainIt | unsure | Hi, I wanted to see if you would be interested in a professional explainer video for your website. We have made over 500 animated videos that increase conversions. Here is our portfolio.
Kevin Lee | kevin@fundfast | FundFast | unsure | Does your business need working capital? Get approved for up to $500,000 in 24 hours, no collateral. Apply today.
Anna White | anna@redesignlab | RedesignLab | unsure | I looked at your website and it looks a bit outdated. We redesign websites for companies like yours from $399. Would you like to see a free mockup?
Mohit Gupta | mohit@appzone | AppZone | unsure | Hope you are doing well. We provide mobile app development services, iOS and Android, at a very competitive price. Kindly share your requirements and phone number so we can discuss.
Lisa Grant | lisa@wikiexperts | WikiExperts | unsure | Your company deserves a Wikipedia page. Our experts create and publish pages with guaranteed approval. Reply for a quote.
Paul Reed | paul@aichat24 | AIChat24 | unsure | Did you know that 70% of visitors leave your website without contacting you? Our AI chatbot turns visitors into leads around the clock. Start your free trial today.
Maria Lopez | maria@trafficboost | TrafficBoost | unsure | We can drive 10,000 targeted visitors to your site every month. Guaranteed real traffic, from $29. Interested?
Steve Wong | steve@shenzhen-print | Shenzhen Print | unsure | Dear manager, we are manufacturer of promotional gifts, pens, bags with your logo. Factory price, free samples. Please contact us for catalogue.
Karen Hill | karen@reviewlift | ReviewLift | unsure | We help businesses get 5-star Google reviews and remove negative ones. Boost your online reputation today. Can we have 10 minutes this week?
Alex Petrov | alex@cryptopr | CryptoPR | unsure | We offer press release distribution on 300 news sites including Yahoo and Bloomberg. Special price this week only. Ask for the price list.
Jenny Cho | jenny@socialgrow | SocialGrow | unsure | Grow your Instagram and LinkedIn with real followers. Our social media marketing packages start at $99 a month. No contract.
Tom Baker | tom@cleanoffices | CleanOffices | unsure | We provide office cleaning services in Copenhagen. Could we offer you a free quote for your office?
Amit Patel | amit@testinghub | TestingHub | unsure | Greetings! We are an ISO certified offshore company and provide QA testing, web development and staff augmentation services. Can I share our company profile and rate card?
Nina Ross | nina@growthhackers-pro | GrowthPro | unsure | Quick question: are you looking for more clients? We book 10 to 20 qualified sales calls a month for agencies like yours on a pay-per-meeting basis. Worth a chat?
Ryan Cole | ryan@ranktop | RankTop | unsure | I ran an audit of your website and found 14 critical errors that hurt your Google ranking. I can email you the report for free. Shall I?
Eva Schulz | eva@webdesign24 | WebDesign24 | unsure | Guten Tag, wir haben Ihre Webseite gesehen und können Ihr Google-Ranking verbessern. SEO ab 99 Euro im Monat, unverbindliches Angebot kostenlos.
Peter Lund | peter@seo-nordic | SEO Nordic | unsure | Hej, jeg har kigget på jeres hjemmeside og kan se, at I ikke ligger på side 1 på Google. Vi tilbyder SEO og linkbuilding til faste lave priser. Må jeg sende et uforpligtende tilbud?
Dina Kurnia | dina@jasaseo | Jasa SEO | unsure | Halo, kami menawarkan jasa SEO dan pembuatan website dengan harga murah. Website Anda bisa masuk halaman pertama Google. Hubungi kami untuk penawaran.
Brian Fox | brian@dataentry365 | DataEntry365 | unsure | We provide virtual assistants and data entry services starting at $5 per hour. First 10 hours free trial. Let me know if you would like to know more.
Laura King | laura@podcastbooker | PodcastBooker | unsure | I would love to get your founder on 20 podcasts this year. Our packages start at $1,500. Interested in learning more?
Max Stone | max@domainbroker | DomainBroker | unsure | The domain cleansystems-consulting.example is available for sale. It would increase your traffic and brand. Make an offer before it is gone.
Sara Blake | sara@contentfarmers | ContentFarm | unsure | Hi, I am a freelance writer and would like to contribute a free, well researched guest article to your blog. In return I ask for one backlink to my client.
Joe Smith | joe@casino-links | Casino Links | unsure | Hello, how much for a casino link on your website? Permanent placement in an old article. We pay by PayPal or crypto today.
Victor Hugo | victor@emailblaster | EmailBlaster | unsure | Your message has just reached your inbox through your contact form. We can do the same for you: contact form marketing to 1 million websites for $99. No software needed.
`;

type Form = FormChanges & { email: string; message: string; leave_empty: string };

function read(lines: string): Form[] {
  const written = lines.trim().split("\n");
  return written.map((line, index): Form => {
    const [who = "", address = "", company = "", kind = "", text = ""] = line
      .split("|")
      .map((part) => part.trim());
    const count = Number(/^LINKS (\d+)$/.exec(text)?.[1] ?? 0);
    const linked = Array.from(
      { length: count },
      (_, link) => `http://offer${link}.example/buy`,
    ).join(" ");
    return {
      name: who.replace(/^\* /, ""),
      email: address.includes("@") ? `${address}.example` : address,
      company,
      kind,
      start: ["", "now", "month", "quarter", "later"][index % 5] ?? "",
      message: linked || text.replaceAll("¶", "\n"),
      leave_empty: who.startsWith("* ") ? address : "",
    };
  });
}

export const realInquiries = read(real);
export const advertising = read(spam);
export const honestInquiries = read(honest);
export const agencyPitches = read(pitches);
