"""What kinds of events there are, and what they are usually called."""

from collections.abc import Iterable, Mapping

from whalecurve.engine.shop_exports import plain

KINDS = (
    "view",
    "cart",
    "checkout",
    "purchase",
    "email_sent",
    "email_opened",
    "email_clicked",
    "support",
    "other",
)
"""Kinds of events: on the site or in the app, up to a purchase; messages; contacts; and what is none of these."""

SITE = ("view", "cart", "checkout", "purchase", "other")
"""What sessions are made of."""

NO_ACT = "email_sent"
"""What the shop does, and not the customer: it is no activity."""

USUAL = {
    "view": (
        "view", "page", "page_view", "pageview", "screen_view", "visit", "session", "session_start", "browse", "search",
        "view_item", "view_product", "product_view", "product_viewed", "viewed_product", "product_detail", "view_list",
        "category_view", "home", "click", "active_on_site", "page_viewed", "view_cart", "cart_viewed", "wishlist",
        "add_to_wishlist",
    ),
    "cart": (
        "cart", "add_to_cart", "added_to_cart", "product_added", "product_added_to_cart", "basket", "add_to_basket",
        "added_to_basket", "add_to_bag", "addtocart", "cart_add",
    ),
    "checkout": (
        "checkout", "begin_checkout", "start_checkout", "started_checkout", "checkout_started", "initiate_checkout",
        "initiated_checkout", "add_payment_info", "add_shipping_info", "payment_info_submitted",
    ),
    "purchase": (
        "purchase", "purchased", "transaction", "order", "order_placed", "placed_order", "order_completed",
        "completed_order", "ordered_product", "checkout_completed", "buy",
    ),
    "email_sent": (
        "email_sent", "sent", "send", "delivered", "received_email", "email_delivered", "email_received", "bounce",
        "bounced", "bounced_email", "email_bounced",
    ),
    "email_opened": ("email_opened", "open", "opened", "opened_email", "email_open"),
    "email_clicked": ("email_clicked", "clicked", "clicked_email", "email_click", "newsletter_click"),
    "support": (
        "support", "ticket", "ticket_created", "created_ticket", "contact", "support_contact", "chat", "chat_started",
        "call", "complaint", "helpdesk", "customer_service",
    ),
}  # fmt: skip
"""Types by kind, compared without case, spaces and signs."""

BY_NAME = {plain(name): kind for kind, names in USUAL.items() for name in names}


def kinds_of(types: Iterable[str], own: Mapping[str, str]) -> dict[str, str]:
    """The kind of each type of events: as it is said, by its name, or else "other"."""
    return {name: own.get(name) or (name if name in KINDS else BY_NAME.get(plain(name), "other")) for name in types}
