"""From sources to archived bytes: the only package that touches the network."""
