// The staff page in a real browser with scripts switched off, by keyboard alone: taken, answered, undone.

import { describeInBrowser, launchBrowser } from "../support/browser.ts";
import { listen } from "../support/listen.ts";
import { buildTestSite } from "../support/site.ts";
import { sendInquiry } from "../support/staff.ts";

describeInBrowser("the staff page without scripts, by keyboard", () => {
  test("takes, answers and undoes, and says which mark each Undo is for", async () => {
    const site = await buildTestSite();
    const origin = await listen(site.server);
    const browser = await launchBrowser();
    const context = await browser.newContext({ javaScriptEnabled: false, reducedMotion: "reduce" });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(origin + (await sendInquiry(site)).page);

    /** Presses Tab until the button with this name, and then Enter. Fails after 20 stops. */
    const press = async (name: string) => {
      const button = page.getByRole("button", { name, exact: true });
      for (let stops = 0; stops < 20 && !(await page.locator(":focus").and(button).count()); stops += 1) await page.keyboard.press("Tab");
      await Promise.all([page.waitForEvent("load"), page.keyboard.press("Enter")]);
    };
    const buttons = () => page.getByRole("button").evaluateAll((all) => all.map((one) => one.textContent));

    expect(await buttons()).toEqual(["I am answering this", "This has been answered", "This needs no answer"]);
    await press("I am answering this");
    expect(await buttons()).toEqual(["Undo", "This has been answered", "This needs no answer"]);
    await press("This has been answered");
    await page.getByText("Answered 14:33").first().waitFor();
    expect(await buttons()).toEqual(["Undo", "Undo"]);
    await press("Undo “Answered”");
    expect(await buttons()).toEqual(["Undo", "This has been answered", "This needs no answer"]);
    await press("Undo “Taken”");
    expect(await buttons()).toEqual(["I am answering this", "This has been answered", "This needs no answer"]);

    await context.close();
    await browser.close();
    site.server.closeAllConnections();
    site.server.close();
    await site.close();
  }, 60_000);
});
