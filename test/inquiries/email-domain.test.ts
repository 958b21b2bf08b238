// Which domains count as mistyped, and that no domain of a real mail provider does.

import { findDoubt, type DomainFault } from "../../src/inquiries/email-domain.ts";

const nothingFound = () => Promise.resolve(undefined);
const doubt = (address: string, fault?: DomainFault) =>
  findDoubt(address, () => Promise.resolve(fault));

test.each([
  ["mette@gmial.com", "mette@gmail.com"],
  ["mette@GMIAL.com", "mette@gmail.com"],
  ["mette@gmail.con", "mette@gmail.com"],
  ["mette@gmial.con", "mette@gmail.com"],
  ["mette@hotmial.com", "mette@hotmail.com"],
  ["mette@hotmial.dk", "mette@hotmail.dk"],
  ["mette@outlok.com", "mette@outlook.com"],
  ["mette@yaho.com", "mette@yahoo.com"],
  ["mette@iclod.com", "mette@icloud.com"],
  ["mette@nordhavn.con", "mette@nordhavn.com"],
  ["søren@münchen.cmo", "søren@münchen.com"],
])("%s is asked about: did you mean %s?", async (address, corrected) => {
  const { question } = (await findDoubt(address, nothingFound)) ?? {};
  expect(question).toBe(
    `Did you mean ${corrected}? If ${address} is correct, send the form again.`,
  );
});

test("staff read what may be wrong", async () => {
  expect((await doubt("mette@gmial.com"))?.finding).toBe(
    "gmial.com may be a typo for gmail.com; the sender confirmed the address",
  );
  expect((await doubt("mette@nordhavnn.dk", "does not exist"))?.finding).toBe(
    "the domain nordhavnn.dk does not exist; the sender confirmed the address",
  );
  expect((await doubt("mette@parked.dk", "does not accept email"))?.finding).toBe(
    "the domain parked.dk does not accept email; the sender confirmed the address",
  );
});

test("a domain that is not known as a typing error is looked up in lower-case ASCII, others are not", async () => {
  const asked: string[] = [];
  const record = (domain: string) => Promise.resolve(void asked.push(domain));
  for (const domain of ["Nordhavn.DK", "MÜNCHEN.de", "gmial.com"])
    await findDoubt(`mette@${domain}`, record);
  expect(asked).toEqual(["nordhavn.dk", "xn--mnchen-3ya.de"]);
});

// Providers, many of them close to one another, and endings that are close to .com.
const realDomains = `
  gmail.com googlemail.com mail.com email.com ymail.com rocketmail.com yahoo.com yahoo.dk yahoo.co.id yahoo.co.uk yahoo.fr yahoo.de myyahoo.com
  hotmail.com hotmail.dk hotmail.co.uk hotmail.fr outlook.com outlook.dk outlook.co.id outlook.de live.com live.dk live.co.uk msn.com passport.com
  icloud.com me.com mac.com proton.me pm.me protonmail.com protonmail.ch tuta.com tutanota.com fastmail.com fastmail.fm hey.com zoho.com zohomail.com
  aol.com aim.com gmx.com gmx.net gmx.de gmx.at gmx.ch gmx.us gmx.co.uk web.de t-online.de freenet.de posteo.de mailbox.org mail.de email.de email.cz
  mail.dk jubii.dk ofir.dk stofanet.dk tdcadsl.dk mail.tele.dk get2net.dk post.tele.dk webspeed.dk youmail.dk privat.dk
  mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com ya.ru inbox.com inbox.lv mail.ee mail.bg abv.bg seznam.cz centrum.cz wp.pl o2.pl onet.pl
  orange.fr free.fr laposte.net wanadoo.fr sfr.fr libero.it virgilio.it tiscali.it alice.it telenet.be skynet.be ziggo.nl kpnmail.nl xs4all.nl
  btinternet.com sky.com virginmedia.com talktalk.net ntlworld.com comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net
  rediffmail.com indiatimes.com qq.com 163.com 126.com sina.com sohu.com foxmail.com aliyun.com naver.com daum.net hanmail.net nate.com docomo.ne.jp
  plasa.com telkom.net indosat.net.id cbn.net.id lavabit.com hushmail.com runbox.com mailfence.com disroot.org riseup.net duck.com simplelogin.com
  mozmail.com pobox.com usa.com post.com consultant.com engineer.com mail.co gmx.co nordhavn.co nordhavn.cm nordhavn.om nordhavn.cam nordhavn.community
`;
test("no domain of a real mail provider is asked about", async () => {
  const domains = realDomains.trim().split(/\s+/);
  expect(domains.length).toBeGreaterThan(120);
  const doubted: string[] = [];
  for (const domain of domains)
    if (await findDoubt(`mette@${domain}`, nothingFound)) doubted.push(domain);
  expect(doubted).toEqual([]);
});
