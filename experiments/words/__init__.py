"""Words: one file a language with every text that a reader of reports and of figures of analysis sees."""
