"""The heart: the nouns and the rules of talking. Pure: it awaits nothing, reads no clock and imports only `errors`."""
