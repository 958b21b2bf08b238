// Commands that a timer runs report a failure to the webhook too, because nobody may read what they print.

import type { Config } from "../config.ts";
import { callWebhook, type AlertMessage } from "../inquiries/webhook.ts";
import { reasonOf } from "../log.ts";

/** Calls the webhook if one is set. A call that fails is printed. */
export async function reportFailure(config: Config, incident: AlertMessage["incident"], problem: string): Promise<void> {
  const { alertWebhookUrl, siteUrl: site } = config;
  if (!alertWebhookUrl) return;
  const call = callWebhook(alertWebhookUrl, { text: `${site}: ${problem}`, site, incident, problems: [problem] });
  await call.catch((error: unknown) => console.error(`webhook: ${reasonOf(error)}; check ALERT_WEBHOOK_URL`));
}
