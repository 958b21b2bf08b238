// The store and the mail sender that the configuration describes. Commands import this file instead
// of site.ts, which loads Express.

import { existsSync } from "node:fs";
import path from "node:path";
import type { Config } from "./config.ts";
import { createMailFolder, createSmtpSender, type SendMail } from "./inquiries/smtp.ts";
import { createStore, type Store } from "./inquiries/store/store.ts";
import { OperatorError } from "./operator-error.ts";

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

/**
 * Opens the store for a command. Throws a StoreError if it cannot be used, and an OperatorError if
 * it does not exist: only the site creates one, because an empty store would hide that the file is gone.
 */
export async function openConfiguredStore(config: Config): Promise<Store> {
  const file = storeFile(config);
  if (!config.databaseUrl && !existsSync(file))
    throw new OperatorError(
      `${file} does not exist, or this user may not see it: run this as the user of the site, check DATA_DIR, or restore a backup. Before the first start of the site there is none.`,
    );
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
