"""From archived bytes to paragraphs and tables with places; never from a URL."""
