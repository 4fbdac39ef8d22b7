// The name of an HTTP header as people set it; names are compared in lower case.

import { z } from "zod";

export const HeaderName = z
	.string()
	.max(100)
	.regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "write a header name, like x-signature")
	.toLowerCase();
