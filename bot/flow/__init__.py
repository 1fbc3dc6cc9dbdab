"""From bytes to a decision to words: intake → turn → deliver, with the sweep behind them (design §3)."""
