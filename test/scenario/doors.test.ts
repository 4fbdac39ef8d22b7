// What must not get in: for each kind of bad input the status, the place or the remedy that the answer names, and that
// nothing at all was written. Afterwards the same door takes a good delivery.

import { listDurableObjectIds } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { holdClock } from "../worker/support/clock";
import { cel } from "./support/documents";
import { storedEvent, watch } from "./support/entities";
import { gitHub, SECRETS, shop, stripe } from "./support/senders";
import { Tenant } from "./support/tenant";

holdClock();

let acme: Tenant;
beforeAll(async () => {
	acme = await Tenant.create("shop", "github");
	await acme.source("marker", "token", SECRETS.shop);
	await acme.connect("out");
	await acme.publish({
		name: "any",
		owner: "tests",
		on: [
			{ source: "shop", event: "*" },
			{ source: "github", event: "*" },
		],
		steps: [{ id: "tell", use: "http.request", connection: "out", with: { body: { id: cel("event.id") } } }],
	});
});
beforeEach(() => watch(acme.name));

interface Knock {
	method?: string;
	/** Below `/in/<tenant>/`, or a whole path. */
	path?: string;
	headers?: Record<string, string> | Headers;
	body?: BodyInit | null;
}

async function knock({ method = "POST", path = "shop", headers = {}, body }: Knock) {
	const all = new Headers(headers);
	if (!all.has("x-webhook-token")) all.set("x-webhook-token", SECRETS.shop);
	const url = `https://signalbox.test${path.startsWith("/") ? path : `/in/${acme.name}/${path}`}`;
	const answer = await exports.default.fetch(new Request(url, { method, headers: all, body }));
	const text = await answer.text();
	return { status: answer.status, headers: answer.headers, text, body: text === "" ? null : JSON.parse(text) };
}

interface Written {
	entities: number;
	archived: number;
	counters: Record<string, number>;
}

/** Facts travel in the order in which they were told, so what was told before the marker has arrived with it. */
async function written(): Promise<Written> {
	const { events = 0 } = (await acme.must("GET", "/metrics")).body.counters;
	await acme.take(shop("order.paid", { id: "marker" }, { source: "marker" }));
	const counters = await acme.told({ events: events + 1 });
	const { objects } = await env.ARCHIVE.list({ prefix: `${acme.name}/` });
	const entities = (await listDurableObjectIds(env.ENTITY)).length;
	return { entities, archived: objects.length, counters: { ...counters, events: 0 } };
}

interface Bad extends Knock {
	status: number;
	says: RegExp;
}

async function isRefused({ status, says, ...input }: Bad): Promise<void> {
	const answer = await knock(input);
	expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(says)]);
	expect(answer.headers.get("content-type")).toBe("application/problem+json");
	expect(answer.body).toMatchObject({ status, title: expect.any(String), detail: expect.any(String) });
	expect(answer.text).not.toMatch(/at .*\.ts|SQLITE|undefined|\[object/);
}

/** Every case of a list, then one look at what they left behind: nothing. */
function refuses(what: string, cases: Record<string, () => Bad>): void {
	describe(what, () => {
		let before: Written;
		beforeAll(async () => {
			before = await written();
		});
		test.each(Object.entries(cases))("%s", (_, bad) => isRefused(bad()));
		test("and leaves nothing behind", async () => expect(await written()).toEqual(before));
	});
}

const MIB = 1_048_576;
const good = JSON.stringify({ id: "e-1", type: "order.paid", data: { id: "o-1" } });

/** A body that does not say how long it is. */
function streamed(length: number, chunk = 65_536): ReadableStream<Uint8Array> {
	let left = length;
	return new ReadableStream({
		pull(controller) {
			const size = Math.min(chunk, left);
			left -= size;
			controller.enqueue(new Uint8Array(size).fill(0x20));
			if (left === 0) controller.close();
		},
	});
}

function broken(): ReadableStream<Uint8Array> {
	let pulls = 0;
	return new ReadableStream({
		pull(controller) {
			pulls += 1;
			if (pulls === 1) controller.enqueue(new TextEncoder().encode(good.slice(0, 20)));
			else controller.error(new Error("the sender hung up"));
		},
	});
}

function gzipped(text: string): ReadableStream<Uint8Array> {
	return new Response(text).body?.pipeThrough(new CompressionStream("gzip")) as ReadableStream<Uint8Array>;
}

refuses("a body is refused", {
	"a byte too large, and says so": () => ({ body: " ".repeat(MIB + 1), status: 413, says: /At most 1048576 bytes/ }),
	"too large, and does not say so": () => ({ body: streamed(MIB + 1), status: 413, says: /At most 1048576 bytes/ }),
	"too large, and says that it is small": () => ({
		...{ body: streamed(4 * MIB), headers: { "content-length": "10" } },
		...{ status: 413, says: /At most 1048576 bytes/ },
	}),
	"that breaks off": () => ({ body: broken(), status: 400, says: /The connection broke|The body is empty/ }),
	"that is compressed": () => ({
		...{ body: gzipped(good), headers: { "content-encoding": "gzip" } },
		...{ status: 415, says: /without compression/ },
	}),
	"that is compressed in a way that nobody knows": () => ({
		...{ body: good, headers: { "content-encoding": "identity, br" } },
		...{ status: 415, says: /without compression/ },
	}),
	"that is compressed and does not say so": () => ({
		...{ body: gzipped(good), status: 400, says: /not UTF-8 at byte 1/ },
	}),
	"that is missing": () => ({ body: null, status: 400, says: /The body is empty/ }),
	"that is empty": () => ({ body: "", status: 400, says: /The body is empty/ }),
	"that is blank": () => ({ body: " \n\t ", status: 400, says: /at byte 4: the text ends too early/ }),
	"that is not UTF-8": () => ({
		...{ body: new Uint8Array([0x7b, 0x22, 0x61, 0xff, 0x22, 0x7d]), status: 400, says: /not UTF-8 at byte 3/ },
	}),
	"that is half of a character": () => ({
		...{ body: new Uint8Array([0x22, 0xc3]), status: 400, says: /not UTF-8 at byte 2/ },
	}),
	"that is UTF-16": () => ({
		...{ body: new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]), status: 400, says: /not UTF-8 at byte 0/ },
	}),
	"that is a form": () => ({
		body: `payload=${encodeURIComponent(good)}`,
		headers: { "content-type": "application/x-www-form-urlencoded" },
		status: 400,
		says: /application\/json/,
	}),
});

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const event = (rest: string) => `{"id":"e-1","type":"order.paid","data":{"id":"o-1"},${rest}}`;
const badJson = (body: string, says: RegExp) => (): Bad => ({ body, status: 400, says });

refuses("JSON is refused", {
	"that nests a million deep": badJson("[".repeat(MIB), /at byte 64: it nests deeper than 64/),
	"with text behind its end": badJson(`${good}x`, /expected the end of the text/),
	"that is two documents": badJson(`${good}\n${good}`, /expected the end of the text/),
	"that is cut off": badJson(good.slice(0, -1), /the text ends too early/),
	"with NaN": badJson(event('"n":NaN'), /at byte 56: expected a value/),
	"with a comma too many": badJson('{"id":"1",}', /at byte 10: expected a key in double quotes/),
	"with single quotes": badJson("{'id':1}", /at byte 1: expected a key in double quotes/),
	"with a comment": badJson("/* hi */{}", /at byte 0: expected a value/),
	"with a line break in a string": badJson('{"id":"a\nb"}', /at byte 8: control characters/),
	"with an escape that does not exist": badJson('{"id":"\\x41"}', /there is no such escape/),
	"with a leading zero": badJson('{"id":01}', /that is not a number in JSON/),
});

/** JSON that its sender wrote as it should, and that is more than we take. */
const TOO_MUCH: Record<string, () => Bad> = {
	"that nests deeper than 64": badJson(event(`"deep":${nested(64)}`), /at byte 122: it nests deeper than 64/),
	"with more than 50,000 values": badJson(`[${"0,".repeat(50_000)}0]`, /it holds more than 50000 values/),
	"with __proto__ as a key": badJson('{"__proto__":{"admin":true}}', /at byte 1: the key __proto__ is not accepted/),
	"with __proto__ far inside": badJson(event('"a":[{"b":{"__proto__":1}}]'), /at byte 63: the key __proto__/),
	"with __proto__ in escapes": badJson('{"\\u005f\\u005fproto\\u005f_":1}', /at byte 1: the key __proto__/),
	"with constructor as a key": badJson(event('"constructor":{"prototype":{}}'), /the key constructor is not accepted/),
	"with prototype in escapes": badJson(event('"pr\\u006ftotype":1'), /the key prototype is not accepted/),
	"with a number that no double holds": badJson(event('"n":1e400'), /at byte 56: the number is too large/),
	"with a negative one": badJson(event('"n":-1e999'), /at byte 56: the number is too large/),
};

test.each(Object.entries(TOO_MUCH))("JSON is kept for people, and nothing acts on it: %s", async (_, bad) => {
	const { says, body } = bad();
	const answer = await knock({ body: body ?? null });
	expect([answer.status, answer.body]).toEqual([
		200,
		{ events: [], unreadable: expect.stringMatching(says), dead_letter: expect.stringMatching(/^dl_/) },
	]);
});

const repeated = new Headers([
	["x-webhook-token", SECRETS.shop],
	["x-webhook-token", SECRETS.shop],
]);
const unverified = (headers: Bad["headers"]) => (): Bad => ({
	...{ headers, body: good, status: 401, says: /Check the signing secret/ },
});

refuses("a header is refused", {
	"that is missing": unverified({ "x-webhook-token": "" }),
	"that is wrong": unverified({ "x-webhook-token": `${SECRETS.shop}x` }),
	"that is sent twice": unverified(repeated),
	"that is huge": unverified({ "x-webhook-token": "a".repeat(100_000) }),
	"with another case of the secret": unverified({ "x-webhook-token": SECRETS.shop.toUpperCase() }),
	"with a name of the prototype": unverified({ "x-webhook-token": "constructor" }),
	"with characters beyond ASCII": unverified({ "x-webhook-token": "a-löng-shared-tøken" }),
	"of another scheme": unverified({ "x-webhook-token": `Bearer ${SECRETS.shop}` }),
});

test.each([
	"",
	"sha256=",
	"sha256=zz",
	`sha256=${"0".repeat(63)}`,
	`sha256=${"0".repeat(65)}`,
	`sha1=${"0".repeat(40)}`,
	`sha256=${"0".repeat(64)}`,
	`sha256=${"0".repeat(64)}, sha256=${"1".repeat(64)}`,
	"null",
	"a".repeat(50_000),
])("junk as a signature is refused, no. %#", async (signature) => {
	const { headers, body } = await gitHub();
	const junk = { ...headers, "x-hub-signature-256": signature };
	await isRefused({ path: "github", headers: junk, body, status: 401, says: /Check the signing secret/ });
});

test("a genuine signature is refused where a second one stands beside it, and in capitals", async () => {
	const { headers, body } = await gitHub();
	const genuine = headers["x-hub-signature-256"] ?? "";
	for (const signature of [`${genuine}, ${genuine}`, genuine.toUpperCase(), ` ${genuine}x`]) {
		const junk = { ...headers, "x-hub-signature-256": signature };
		await isRefused({ path: "github", headers: junk, body, status: 401, says: /Check the signing secret/ });
	}
});

test("a header with a line break cannot even be sent", () => {
	for (const value of ["a\r\nx-evil: 1", "a\nb", "a\0b"]) {
		expect(() => new Headers({ "x-webhook-token": value })).toThrow(TypeError);
	}
});

test.each(["GET", "PUT", "PATCH", "DELETE", "OPTIONS"])(
	"%s is answered with the method that is wanted",
	async (method) => {
		const answer = await knock({ method, body: method === "GET" ? undefined : good });
		expect(answer.status).toBe(405);
		expect(answer.headers.get("allow")).toBe("POST");
		expect(answer.body).toMatchObject({
			title: "Deliveries are sent with POST",
			detail: expect.stringContaining(method),
		});
	},
);

test("HEAD is answered alike, without a body", async () => {
	const { status, headers, text } = await knock({ method: "HEAD" });
	expect([status, headers.get("allow"), text]).toEqual([405, "POST", ""]);
});

const nowhere = (path: string) => (): Bad => ({ path, body: good, status: 404, says: /Check the address/ });

refuses("a path is refused", {
	"of a source that does not exist": nowhere("nothing"),
	"of a tenant that does not exist": nowhere("/in/nobody/shop"),
	"of a tenant in capitals": nowhere("/in/ACME/shop"),
	"of a source in capitals": nowhere("Shop"),
	"with a slash at its end": nowhere("shop/"),
	"with something behind it": nowhere("shop/more"),
	"without a source": nowhere("/in/acme"),
	"without anything": nowhere("/in"),
	"with an empty tenant": nowhere("/in//shop"),
	"with dots": nowhere("/in/acme/%2e%2e%2fshop"),
	"with a slash in the tenant": nowhere("/in/acme%2Fshop/shop"),
	"with a slash in the source": nowhere("shop%2F..%2Fshop"),
	"with a broken escape": nowhere("sh%zzop"),
	"with a null byte": nowhere("shop%00"),
	"of 10 KB": nowhere("s".repeat(10_240)),
	"beyond ASCII": nowhere("schöp"),
	"with a name of the prototype": nowhere("__proto__"),
	"with a tenant named like that": nowhere("/in/constructor/shop"),
	"with a separator of object names": nowhere("/in/4:acme|e/shop"),
});

describe("what can be read but is no event is kept as it came", () => {
	const unreadable = async (body: unknown, reason: RegExp) => {
		const answer = await knock({ body: typeof body === "string" ? body : JSON.stringify(body) });
		expect([answer.status, answer.body]).toEqual([
			200,
			{
				events: [],
				unreadable: expect.stringMatching(reason),
				dead_letter: expect.stringMatching(/^dl_[0-9a-f]{32}$/),
			},
		]);
	};
	const with_ = (changes: object) => ({ id: "e-2", type: "order.paid", data: { id: "o-1" }, ...changes });

	test.each<[string, unknown, RegExp]>([
		[
			"an entity's id of 10 KB",
			with_({ data: { id: "x".repeat(10_240) } }),
			/entity id is 10240 characters long; at most 400/,
		],
		["an event's id of 10 KB", with_({ id: "x".repeat(10_240) }), /event id is 10240 characters long; at most 400/],
		["a type of 10 KB", with_({ type: "x".repeat(10_240) }), /event type is 10240 characters long; at most 200/],
		[
			"an entity's id of too many bytes",
			with_({ data: { id: "漢".repeat(300) } }),
			/entity's id takes 912 bytes, and at most 900/,
		],
		["no id", with_({ id: undefined }), /no event id: nothing at id; set event_id/],
		["an id that is null", with_({ id: null }), /no event id/],
		["an id that is half of a character", '{"id":"\\ud800","type":"a.b","data":{"id":"1"}}', /no event id/],
		["an entity's id that is a list", with_({ data: { id: ["o-1"] } }), /no entity id/],
		["a fraction as an id", with_({ id: 1.5 }), /no event id/],
		["a list", [with_({})], /not a JSON object/],
		["a number", "12", /not a JSON object/],
		["null", "null", /not a JSON object/],
	])("%s", (_, body, reason) => unreadable(body, reason));
});

describe("what is odd but sound gets in", () => {
	let serial = 0;
	const accepted = async (changes: object, raw?: (text: string) => string) => {
		serial += 1;
		const text = JSON.stringify({ id: `odd-${serial}`, type: "order.paid", data: { id: "o-1" }, ...changes });
		const answer = await knock({ body: raw === undefined ? text : raw(text) });
		expect([answer.status, answer.body]).toEqual([200, { events: [expect.stringMatching(/^evt_[0-9a-f]{32}$/)] }]);
		return answer.body.events[0] as string;
	};

	test("a time that no calendar has counts as no time", async () => {
		const times = [
			...[8_640_000_000_000_000, "+275760-09-13T00:00:00Z", -1, -8_640_000_000_000_001, 1e300],
			...["yesterday", "2031-12-31T23:59:59", "2031-13-30T00:00:00Z", "", true, null],
			...[{ seconds: 1 }, [1]],
		];
		for (const timestamp of times) {
			const id = await accepted({ timestamp });
			const event = await storedEvent(acme.name, id);
			expect([timestamp, event?.timestamp]).toEqual([timestamp, event?.received_at]);
		}
	});

	test("a time in seconds, in milliseconds, in words, and with a zone", async () => {
		const noon = "2031-12-31T12:00:00.000Z";
		const ms = Date.parse(noon);
		for (const timestamp of [ms, ms / 1_000, String(ms), noon, "2031-12-31T13:00:00+01:00", "2031-12-31 12:00:00z"]) {
			expect((await storedEvent(acme.name, await accepted({ timestamp })))?.timestamp).toBe(noon);
		}
	});

	test("ids of 400 letters, in another script, and with whatever separates elsewhere", async () => {
		for (const id of ["x".repeat(400), "漢".repeat(290), "a\r\nb|c/../d", "é\u0000", "4:acme|e:other", "😀"]) {
			const event = await storedEvent(acme.name, await accepted({ data: { id } }));
			expect(event?.entity).toEqual({ type: "order", id });
		}
	});

	test("ids that differ in a digit beyond 2^53 are two", async () => {
		const sent = (id: string) => knock({ body: `{"id":${id},"type":"order.paid","data":{"id":"big"}}` });
		const [a, b] = [await sent("9007199254740993"), await sent("9007199254740992")];
		expect(a.body.events).not.toEqual(b.body.events);
	});

	test("of a key that stands twice, the last counts", async () => {
		const id = await accepted({}, (text) => text.replace("{", '{"note":"first",').replace(/}$/, ',"note":"last"}'));
		expect((await storedEvent(acme.name, id))?.data).toMatchObject({ note: "last" });
	});

	test("half of a character in a text", async () => {
		await accepted({ note: "\ud83d" });
	});

	test("a byte order mark", async () => {
		await accepted({}, (text) => `\ufeff${text}`);
	});

	test("words of the prototype as values, and keys that only look like them", async () => {
		await accepted({ a: "__proto__", b: ["constructor"], __proto: 1, Constructor: 2, prototypes: 3 });
	});

	test("a body of exactly 1 MiB", async () => {
		await accepted({}, (text) => text + " ".repeat(MIB - text.length));
	});

	test("64 levels and 50,000 values", async () => {
		await accepted({ deep: JSON.parse(nested(63)) });
		await accepted({ many: Array.from({ length: 49_990 }, () => 0) });
	});
});

describe("what is very large", () => {
	const many = Object.fromEntries(
		Array.from({ length: 1_500 }, (_, n) => [`${n}`.padStart(250, "f"), { from: n, to: n + 1 }]),
	);

	test("1,500 changes: the first thousand stand in the event, all of them in its data", async () => {
		const id = await acme.take(await gitHub({ issue: 9, changes: many }));
		const event = await storedEvent(acme.name, id);
		expect(event?.changes).toHaveLength(1_000);
		expect(Object.keys((event?.data.changes as object) ?? {})).toHaveLength(1_500);
		await acme.arrived("out", 1);
	});

	test("1,500 changes that nobody wants: the journal names as many as a message takes", async () => {
		await acme.source("unheard", "github", SECRETS.github);
		const id = await acme.take(await gitHub({ source: "unheard", changes: many }));
		const { events = 0 } = (await acme.must("GET", "/metrics")).body.counters;
		await acme.told({ events: events + 1 });
		const { changed, left_out } = (await acme.event(id))[0]?.data ?? {};
		expect((changed as string[]).length + Number(left_out)).toBe(1_000);
		expect(left_out).toBeGreaterThan(0);
	});

	test("an event that takes more than a row is kept as it came", async () => {
		await acme.source("stripe", "stripe", SECRETS.stripe);
		const before = { id: "ch_1", object: "charge", note: "a".repeat(500_000) };
		const sent = await stripe("charge.updated", { ...before, note: "b".repeat(500_000) }, { previous: before });
		expect((await acme.deliver(sent)).body).toEqual({
			events: [],
			unreadable: expect.stringMatching(/^the event takes 2\d{6} bytes, and at most 1200000 can be kept$/),
			dead_letter: expect.any(String),
		});
	});
});

test("and after all of it the door takes a good delivery", async () => {
	await acme.take(shop("order.paid", { id: "last" }));
});
