// An event, and what else the input of a step can read.

export const scope = {
	event: {
		id: "evt_1",
		entity: { type: "deal", id: "991" },
		entity_id: "hubspot/deal/991",
		timestamp: "2026-11-20T09:59:56.000Z",
		changes: [
			{ field: "dealstage", from: "new", to: "legal" },
			{ field: "amount", from: 1000, to: 1200 },
			{ field: "cleared", from: "x", to: null },
			{ field: "unsaid" },
		],
		data: {
			name: "Rail",
			sha: "6dcb09b5b57875f334f61aebed695e2e4193db5e",
			amount: 1200,
			count: 3,
			rate: 0.25,
			big: Number.MAX_SAFE_INTEGER,
			infinite: Number.POSITIVE_INFINITY,
			nothing: null,
			labels: [{ name: "bug" }, { name: "ops" }],
			odd: { constructor: 1 },
			"odd key": "odd",
		},
	},
	window: { count: 4 },
	run: { id: "run_1" },
	workflow: { name: "deal-desk", version: 2 },
	steps: { deal: { output: { owner: "ada" } } },
	now: "2026-11-20T10:59:56.000Z",
};
