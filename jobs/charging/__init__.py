"""What each print is charged, and to whom: rate cards, immutable lines, month ends. docs/chargebacks.md."""
