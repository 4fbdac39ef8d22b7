// Why a delivery was not believed. For operators only: whoever sent it gets one and the same answer for all of these.

export type VerifyFailure =
	| { reason: "no_secret" }
	| { reason: "missing_signature"; header: string }
	| { reason: "malformed_signature"; header: string; detail: string }
	| { reason: "bad_signature"; signatures: number; secrets: number }
	| { reason: "missing_timestamp"; where: string }
	| { reason: "malformed_timestamp"; where: string }
	| { reason: "stale"; age_s: number; tolerance_s: number }
	| { reason: "future"; ahead_s: number; tolerance_s: number }
	| { reason: "missing_id"; header: string }
	| { reason: "other_version"; header: string; wanted: string }
	| { reason: "unsigned_body" }
	| { reason: "bad_body_hash"; parameter: string }
	| { reason: "missing_token" }
	| { reason: "bad_token"; secrets: number };
