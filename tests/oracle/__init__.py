"""CoreDNS's own parser, asked about many Corefiles at once, and remedy's answers to the same questions."""
