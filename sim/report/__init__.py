"""A study for people: its plots, its sentences, and the page that is annexed to a proposal."""
