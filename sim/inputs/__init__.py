"""What a study is made of: distributions, scenarios, and the chance drawn from them."""
