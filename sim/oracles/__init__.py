"""Reference values, published or computed by others, and the engines held against them."""
