"""The shell: inbox, turns, outbox. It keeps order and time, retries, and has no opinions on what to say."""
