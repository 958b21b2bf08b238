// The alert webhook.

export type AlertMessage = {
  /** All of it in plain sentences: Slack and Mattermost show this field. */
  text: string;
  site: string;
  /** What is wrong now, without what is over. */
  problems: string[];
};

/** Posts a message as JSON. Throws unless the webhook responds with a 2xx within ten seconds. */
export async function callWebhook(url: string, message: AlertMessage): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(message),
    redirect: "error", // after a 301, fetch would send a GET without the message
    signal: AbortSignal.timeout(10_000),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`it responded with ${response.status}`);
}
