"""The Messaging API, served: botkit's own, with a real web chat and simulated phones, where there is no account."""
