// The pages behind an approval link, as text: what they say, and that no text from outside becomes markup.

import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
	CONTENT_SECURITY_POLICY,
	closedPage,
	NOT_YET,
	NOTICES,
	noticePage,
	type Question,
	VOID,
	votePage,
} from "../../src/edge/approval-page";

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;{{7*7}}\${1}</textarea></title>`;
const ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;alert(2)&#39;&gt;&amp;amp;";

const question: Question = {
	approval: {
		...{ ask: "Sign the deal?\nIt is large.", need: 2, until: Date.UTC(2026, 10, 20, 10, 30) },
		votes: [
			{ by: "approver:bob", vote: "approve", at: 1 },
			{ by: "approver:eve", vote: "reject", at: 2 },
		],
	},
	...{ workflow: "deal-in-review", run: "run_1.deal-in-review", step: "sign_off" },
	approver: { name: "ann", title: "Ann Lee" },
};

const textOf = async (page: ReturnType<typeof noticePage>) => String(await page);

describe("the page that asks", () => {
	test("says what is asked, of whom, until when and how far it is", async () => {
		const page = await textOf(votePage(question));
		for (const part of [
			"Sign the deal?\nIt is large.</p>",
			"<dd>deal-in-review</dd>",
			"<dd>sign_off</dd>",
			"<dd>run_1.deal-in-review</dd>",
			"<bdi>Ann Lee</bdi> (ann)",
			"<dd>1 of 2</dd>",
			'<time datetime="2026-11-20T10:30:00.000Z">2026-11-20 10:30 UTC</time>',
		]) {
			expect(page).toContain(part);
		}
	});

	test("asks something also where the workflow's author wrote nothing", async () => {
		const page = await textOf(votePage({ ...question, approval: { ...question.approval, ask: "" } }));
		expect(page).toContain("May the step sign_off of deal-in-review be carried out?");
	});

	test("has a form that posts to its own address, a labelled comment and two buttons", async () => {
		const page = await textOf(votePage(question));
		expect(page).toContain('<form method="post">');
		expect(page).toMatch(/<label for="comment">[\s\S]*<textarea id="comment" name="comment"/);
		expect(page.match(/<button type="submit" name="vote" value="(approve|reject)">/g)).toHaveLength(2);
	});

	test("names no voter: who voted how is for those who may read the journal", async () => {
		expect(await textOf(votePage(question))).not.toMatch(/bob|eve/);
	});
});

describe.each([
	["that asks", votePage],
	["of a question that is over", (each: Question) => closedPage(each, "over")],
])("the page %s", (_, render) => {
	test.each<[string, (text: string) => Question]>([
		["the question", (ask) => ({ ...question, approval: { ...question.approval, ask } })],
		["the workflow", (workflow) => ({ ...question, workflow })],
		["the run", (run) => ({ ...question, run })],
		["the step", (step) => ({ ...question, step })],
		["the approver's name", (name) => ({ ...question, approver: { name, title: "Ann" } })],
		["the approver's title", (title) => ({ ...question, approver: { name: "ann", title } })],
	])("shows a hostile text as %s as it is", async (_, put) => {
		const page = await textOf(render(put(HOSTILE)));
		expect(page).toContain(ESCAPED);
		expect(page).not.toMatch(/<script|<img/);
	});
});

describe("every page", () => {
	const pages = [
		["vote", votePage(question)],
		["over", closedPage(question, "over")],
		["voted already", closedPage(question, "voted_already")],
		["not yet", noticePage(NOT_YET)],
		["void", noticePage(VOID)],
		...Object.entries(NOTICES).map(([name, notice]) => [name, noticePage(notice)] as const),
	] as const;

	test.each(pages)("%s is a document with a language, a title and one heading that say the same", async (_, page) => {
		const text = await textOf(page);
		expect(text).toMatch(/^<!doctype html>\n<html lang="en">/);
		const title = /<title>(.+) - Signalbox<\/title>/.exec(text)?.[1];
		expect([...text.matchAll(/<h1>(.+)<\/h1>/g)].map(([, heading]) => heading)).toEqual([title]);
	});

	test.each(pages)(
		"%s has no script, nothing from elsewhere and only the style that its policy names",
		async (_, page) => {
			const text = await textOf(page);
			const styles = [...text.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(([, style = ""]) => style);
			const hashes = styles.map((style) => `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`);
			expect(CONTENT_SECURITY_POLICY.split("; ")).toEqual([
				"default-src 'none'",
				...hashes,
				"form-action 'self'",
				"frame-ancestors 'none'",
				"base-uri 'none'",
			]);
			expect(text).not.toMatch(/<script|<link|<img|\son\w+=|\sstyle=|https?:/);
		},
	);
});

test("a page without the form cannot vote", async () => {
	for (const page of [closedPage(question, "over"), noticePage(VOID)])
		expect(await textOf(page)).not.toContain("<form");
});
