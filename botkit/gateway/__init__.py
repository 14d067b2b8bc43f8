"""The Messaging API, served: botkit's own, with a real web chat and simulated phones, for a machine without an account."""
