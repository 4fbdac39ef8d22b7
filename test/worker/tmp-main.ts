import { Hono } from "hono";
import { createAdmin } from "../../src/admin/app";

export { Connection } from "../../src/delivery/connection";
export { Entity } from "../../src/entity/entity";
export { Ledger } from "../../src/ledger/ledger";

const app = new Hono<any>();
app.route("/admin/v1", createAdmin());
export default { fetch: app.fetch, async queue() {}, async scheduled() {} };
