// Reports failures of commands that a timer runs to the webhook, because nobody may read their output.

import type { Config } from "../config.ts";
import { callWebhook, type AlertMessage } from "../inquiries/webhook.ts";
import { reasonOf } from "../log.ts";

/** Calls the webhook if one is set. Prints an error if the call fails. */
export async function reportFailure(
  config: Config,
  incident: AlertMessage["incident"],
  problem: string,
): Promise<void> {
  const { alertWebhookUrl, siteUrl: site } = config;
  if (!alertWebhookUrl) return;
  const call = callWebhook(alertWebhookUrl, {
    text: `${site}: ${problem}`,
    site,
    incident,
    problems: [problem],
  });
  await call.catch((error: unknown) =>
    console.error(`webhook: ${reasonOf(error)}; check ALERT_WEBHOOK_URL`),
  );
}
