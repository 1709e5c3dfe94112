// Goes through our pages as people's browsers do, that of consent or that to join by: by keyboard alone, at two widths, in the
// light and in the dark, and with axe-core on every page. Prints what is wrong, one line each; its argument is JSON.
"use strict";
const fs = require("fs");
const path = require("path");
const { chromium } = require("playwright-core");
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const given = JSON.parse(process.argv[2]);
const wrong = [];
const expect = (holds, what) => { if (!holds) wrong.push(what); };
const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

async function look(page, name) {
    for (const [size, viewport] of Object.entries(SIZES)) {
        for (const colorScheme of ["light", "dark"]) {
            await page.setViewportSize(viewport);
            await page.emulateMedia({ colorScheme });
            const place = `${name}, ${size}, ${colorScheme}`;
            const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
            expect(!wide, `${place}: it scrolls sideways`);
            // By the debugger, past the page's policy: that lets no script in.
            await page.evaluate(axe);
            const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
            for (const { id, help, nodes } of found.violations) {
                wrong.push(`${place}: ${id}: ${help}: ${nodes.map((node) => node.html).join(" | ").slice(0, 300)}`);
            }
            if (colorScheme === "light" || name === "page") {
                const file = `${name}-${size}${colorScheme === "dark" ? "-dark" : ""}.png`;
                await page.screenshot({ path: path.join(given.shots, file), fullPage: true });
            }
        }
    }
    await page.setViewportSize(SIZES.desktop);
    await page.emulateMedia({ colorScheme: "light" });
}

// What is focused, in words.
const focused = (page) => page.evaluate(() => (document.activeElement?.innerText ?? "").trim());

// Presses Tab until what is focused says this; everything on the way has to be seen as focused.
async function tabTo(page, words) {
    for (let presses = 0; presses < 40; presses++) {
        await page.keyboard.press("Tab");
        const seen = await page.evaluate(() => {
            const style = getComputedStyle(document.activeElement);
            return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
        });
        const now = await focused(page);
        if (now === words) {
            expect(seen, `'${words}' is focused and does not show it`);
            return;
        }
    }
    throw new Error(`no Tab leads to '${words}'`);
}

// To the meeting and back, in both languages.
async function join(page, context) {
    const led = [];
    page.on("response", (response) => { if (response.status() === 302) led.push(response); });
    await page.goto(given.join);
    await look(page, "join");
    expect((await page.locator("html").getAttribute("lang")) === "en", "the page is not in English");
    // The button's own address, come to from elsewhere, shows the page and no more.
    await page.goto(`${given.join}?go`);
    expect(led.length === 0 && page.url().startsWith(given.join), `an address alone leads to ${page.url()}`);
    await page.goto(given.join);
    await tabTo(page, "Join the meeting");
    const asked = page.waitForRequest(given.meeting);
    await page.keyboard.press("Enter");
    const request = await asked;
    expect((await request.allHeaders()).referer === undefined, "the meeting is told where one comes from");
    expect(led.length === 1, "it does not lead on");
    for (const [name, value] of [["referrer-policy", "no-referrer"], ["cache-control", "no-store"]]) {
        expect(led[0]?.headers()[name] === value, `the redirect's ${name} is ${led[0]?.headers()[name]}`);
    }
    const german = await (await context.browser().newContext({ ignoreHTTPSErrors: true, locale: "de-DE" })).newPage();
    await german.goto(given.join);
    expect((await german.locator("html").getAttribute("lang")) === "de", "the page is not in German");
    await look(german, "join-german");
    await tabTo(german, "Teilnehmen");
    await byThumb(context.browser());
    await page.goto(given.others["join-early"]);
    await tabTo(page, "Look again");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\?$/);
}

// On a phone that runs no script: what is to be pressed is large enough for a thumb, and leads on.
async function byThumb(browser) {
    const phone = await (await browser.newContext({
        ignoreHTTPSErrors: true, locale: "en-GB", javaScriptEnabled: false, isMobile: true, hasTouch: true, viewport: SIZES.phone,
    })).newPage();
    await phone.goto(given.join);
    const button = phone.getByRole("link", { name: "Join the meeting" });
    const { width, height } = await button.boundingBox();
    expect(width >= 44 && height >= 44, `what is to be pressed is ${width} by ${height}`);
    const asked = phone.waitForRequest(given.meeting);
    await button.tap();
    await asked;
}

async function main() {
    const browser = await chromium.launch({
        executablePath: given.chromium,
        args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"],
    });
    const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "en-GB" });
    const page = await context.newPage();
    const refused = [];
    page.on("console", (message) => { if (message.type() === "error") refused.push(message.text()); });

    await (given.join ? join(page, context) : consent(page));
    for (const [name, url] of Object.entries(given.others)) {
        await page.goto(url);
        await look(page, name);
    }
    // A page that is answered with 4xx says so in the console; anything else is a policy that was broken.
    for (const text of refused.filter((text) => !/the server responded with a status of 4\d\d/.test(text))) {
        wrong.push(`the console says: ${text}`);
    }
    await browser.close();
}

async function consent(page) {
    await page.goto(given.page);
    await look(page, "page");
    await page.locator("pre").focus();
    expect((await focused(page)).includes("New-ManagementRoleAssignment"), "the commands can't be scrolled by keyboard");

    // To Microsoft, and back with a yes, by keyboard alone.
    await page.goto(given.page);
    await tabTo(page, "Continue to Microsoft");
    await page.keyboard.press("Enter");
    await page.waitForURL(/adminconsent/);
    await tabTo(page, "Accept");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/api\/consent\/-\/return/);
    const heading = await page.locator("h1").innerText();
    expect(heading.startsWith("Thank you"), `after Accept the page says '${heading}'`);
    await look(page, "answer");
    await tabTo(page, "To the page of this request");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/api\/consent\/contoso/);
    // As long as rights are on their way, a reader looks again.
    for (let looks = 0; looks < 60 && (await page.locator(".state strong").innerText()) !== "Granted"; looks++) {
        await page.waitForTimeout(500);
        await page.reload();
    }
    expect((await page.locator(".state strong").innerText()) === "Granted", "it is never granted");
    await look(page, "granted");

    // Read aloud: one heading of the first level, none left out, and a title that says where one is.
    const outline = await page.evaluate(() => [...document.querySelectorAll("h1,h2,h3")].map((h) => Number(h.tagName[1])));
    expect(outline.filter((level) => level === 1).length === 1, "not one h1");
    expect(outline.every((level, at) => at === 0 || level <= outline[at - 1] + 1), "a level of headings is left out");
    expect((await page.title()).includes("Granted"), "the title does not say how things stand");
}

main().catch((error) => wrong.push(error.stack)).then(() => {
    for (const line of wrong) console.log(line);
    process.exit(wrong.length === 0 ? 0 : 1);
});
