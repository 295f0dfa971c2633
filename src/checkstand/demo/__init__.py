"""The demo shop: `shop.yaml`, a shop file like any other."""
