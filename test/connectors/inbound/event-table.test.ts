// What native events are called that no table knows.

import { expect, test } from "vitest";
import { derivedType } from "../../../src/connectors/inbound/event-table";

test.each([
	["view.updated", "view.updated"],
	["incident.workflow.started", "incident_workflow.started"],
	["incident.status_update_published", "incident.status_update_published"],
	["zen:event-type:ticket.comment_added", "zen_event_type_ticket.comment_added"],
	["dealProperty.propertyChange", "deal_property.property_change"],
	["Order Placed!.Paid", "order_placed.paid"],
	["..page..moved..", "page.moved"],
	["ping", "ping.created"],
	["toString", "to_string.created"],
])("%s is called %s", (native, event_type) => {
	expect(derivedType(native)).toBe(event_type);
});

test.each(["", ".", ":.:", "___", "✓.✓"])("%j is called nothing", (native) => {
	expect(derivedType(native)).toBeUndefined();
});
