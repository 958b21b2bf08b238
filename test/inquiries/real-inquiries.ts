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
