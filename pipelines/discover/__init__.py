"""From a catalogue and listing pages to sources: which reports exist, and where."""
