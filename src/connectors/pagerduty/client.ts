// The name that our events go by. PagerDuty shows it beside the incident, and gives it back in webhooks.

export const CLIENT = "signalbox";
