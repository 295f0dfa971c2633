"""What a checkout costs, computed on every answer from entries (charges, discounts, taxes); nothing of it is stored as the truth.

`goods` comes before the shipping offers, `price` after them; `totals` sums.
"""
