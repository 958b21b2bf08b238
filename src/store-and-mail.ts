// The store and the mail sender that the configuration describes. Commands import this file instead
// of site.ts, which loads Express.

import path from "node:path";
import type { Config } from "./config.ts";
import { createMailFolder, createSmtpSender, type SendMail } from "./inquiries/smtp.ts";
import { createStore, type Store } from "./inquiries/store/store.ts";

/** Returns the path of the SQLite store. With DATABASE_URL, only its folder is used. */
export const storeFile = (config: Config) => path.join(config.dataDir, "inquiries.db");

/** Returns the store before it is opened, see `createStore`. */
export function createConfiguredStore(
  config: Config,
  onOpen?: Parameters<typeof createStore>[1],
): Store {
  const { databaseUrl, mailFrom } = config;
  const messageIdDomain = mailFrom.address.split("@")[1] ?? "localhost";
  return createStore({ file: storeFile(config), databaseUrl, messageIdDomain }, onOpen);
}

/** Opens the store. Throws a StoreError if it cannot be used. */
export async function openConfiguredStore(config: Config): Promise<Store> {
  const store = createConfiguredStore(config);
  await store.open();
  return store;
}

/** Returns a sender that uses the mail server, or writes .eml files if there is none. */
export function createMailSender(config: Config): SendMail {
  return config.smtpUrl
    ? createSmtpSender(config.smtpUrl, config.smtpRequireTls)
    : createMailFolder(config.mailDir);
}
