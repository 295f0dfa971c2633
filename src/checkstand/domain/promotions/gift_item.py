from checkstand.domain.promotions.action import Action, GivenGift


class GiftItem(Action, frozen=True, kw_only=True, tag="gift_item"):
    """Units of a product that join the cart and cost nothing. A product without options needs no `variant_id`, a variant no
    `product_id`."""

    quantity: int
    product_id: int = 0
    variant_id: int = 0

    def gift(self) -> GivenGift | None:
        return GivenGift(self.product_id, self.variant_id, self.quantity)
