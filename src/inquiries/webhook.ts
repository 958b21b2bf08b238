// The alert webhook.

export type AlertMessage = {
  /** All of it in plain sentences: Slack and Mattermost show this field. */
  text: string;
  site: string;
  incident: "begun" | "ended" | "overdue" | "live check failed" | "restore drill failed" | "test";
  problems: string[];
};

/** Posts a JSON message to a webhook. Throws if it cannot be reached within ten seconds or does not respond with a 2xx. */
export async function callWebhook(url: string, message: AlertMessage): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
    signal: AbortSignal.timeout(10_000),
  });
  if (!response.ok) throw new Error(`it responded with ${response.status}`);
}
