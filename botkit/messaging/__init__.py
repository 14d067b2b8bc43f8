"""The Messaging API, used: what its JSON means and how to write it. The platform's JSON ends in this room."""
