// The egress guard judges an address as the platform's own URL parser reads it: the same table, in the real runtime.

import "../delivery/egress.test";
