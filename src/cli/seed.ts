// `npm run seed`: fills an empty development store with twelve made-up inquiries, in every state.

import { dayMs } from "../calendar.ts";
import type { Config } from "../config.ts";
import { actions, deadlinesFrom } from "../inquiries/handling.ts";
import { staffPageUrl } from "../inquiries/mail/mail.ts";
import type { Store } from "../inquiries/store/interface.ts";
import { createStore } from "../inquiries/store/store.ts";
import { OperatorError } from "../operator-error.ts";
import { receiptHref } from "../urls.ts";
import { runProcess, type Call, type Command } from "./command.ts";
import { readConfig } from "../startup.ts";

// Each line of the table is an inquiry: how many days ago it was sent, what happened then, name,
// company, kind, start and message. What waits for the mail server is last, because what was
// received first is sent first.
const table = `
9   | sent answered | Ida Holm    | Nordlys       | support | month   | Who looks after a PHP shop from 2014?
8   | sent taken    | Anne-Marie Friis | Havn     | project | quarter | Our order import takes all night.
7   | sent          | Kim Larsen  | Fjord Freight | failing | now     | Two of nine pods restart each hour.
6   | sent closed   | Max Mustermann | Rank One   | unsure  | later   | We can bring you to page one.
5   | quarantined   | Łukasz Nowak | Wiązka       | team    | now     | [url=http://a.example]Our site[/url]
4   | quarantined closed | Jo Doe | Links         | unsure  | now     | [url=http://b.example]Buy links[/url]
3   | quarantined approve sent | Siti Rahma | Kopi | release | month  | Our release is on 4 January.
0.3 | sent taken    | Ólafur Jónsson | Ísbirnir   | failing | now     | Since Monday every payment is slow.
0.2 | sent unknown  | Grace Obi   | Lagos Lines   | team    | quarter | Two Java engineers, for six months.
0.1 | sent          | 田中 花子   | 株式会社波     | project |         | 夜間のバッチが朝までに終わりません。
0.1 | refused       | Eve Adams   | Outpost       | support | later   | The mail server won't take this one.
0   |               | Per Juhl    | Solvind       | unsure  |         | We have logs like this one:\\n\\nERROR  pool exhausted\\n    at Pool.take(Pool.java:81)`;

const failure = { type: "permanent", reason: "EMESSAGE 554 5.7.1 looks like spam" } as const;

/** Stores the made-up inquiries in every state, and returns them as they were stored. */
export async function fill(store: Store, config: Config, now: Date) {
  for (const line of table.trim().split("\n")) {
    const [days, happened = "", name = "", company = "", kind = "", start = "", message = ""] = line
      .split("|")
      .map((cell) => cell.trim().replaceAll("\\n", "\n"));
    const at = new Date(now.getTime() - Number(days) * dayMs);
    const email = `post@${company.toLowerCase().replaceAll(" ", "-")}.example`;
    const quarantineReason = happened.startsWith("quarantined") ? "markup" : "";
    const deadlines = deadlinesFrom(at, config.replyWithinWorkingDays);
    const { inquiry } = await store.accept(
      { name, email, company, kind, start, message, confirmation: "" },
      { source: "", emailFault: "", quarantineReason, ...deadlines },
      at,
    );
    for (const step of happened.split(" ")) {
      const present = (await store.find(inquiry)) ?? inquiry;
      const act = new Map(Object.entries(actions)).get(step);
      const change = act?.(present, { now: at, by: "MK", answerBy: deadlines.answerBy });
      if (change) await store.save(present, change);
      if (step === "unknown") await store.setConfirmationRefused(present);
      const claim = /sent|refused/.test(step) && (await store.claimDue("seed", at, 60_000));
      if (claim)
        await store.settle(claim, step === "sent" ? { sentAt: at } : { dueAt: at, failure });
    }
  }
  return store.list();
}

async function main({ env, now, print }: Call): Promise<void> {
  const config = readConfig(env);
  if (config.production) throw new OperatorError("Production takes no made-up inquiries.");
  const { storeSettings, siteUrl } = config;
  const store = createStore(storeSettings);
  await store.open();
  const isUsed = (await store.list()).length > 0;
  for (const inquiry of isUsed ? [] : await fill(store, config, now)) {
    const { reference, delivery, handling, answers } = inquiry;
    print(`${reference}  ${delivery.state}, ${handling.progress}  ${answers.name}`);
    print(`  ${siteUrl}${receiptHref(reference)}\n  ${staffPageUrl(siteUrl, inquiry)}`);
  }
  await store.close();
  if (isUsed) throw new OperatorError("The store has inquiries: set DATA_DIR to an empty folder.");
}

export const seed: Command = { help: "npm run seed: stores twelve made-up inquiries.", main };

if (import.meta.main) await runProcess(seed);
