"""Google Pub/Sub as a transport: events as messages out, pushes of subscriptions in."""
