"""What columns of order logs are usually called, by the role that they play."""

import difflib
import re
from collections.abc import Iterable

ALIASES: dict[str, tuple[str, ...]] = {
    "customer": (
        "customer_id", "cust_id", "customer_unique_id", "customer_no", "customer_number", "customer_key",
        "customer_code", "client_id", "client_no", "user_id", "uid", "member_id", "account_id", "buyer_id",
        "shopper_id", "household_id", "household_key", "person_id", "profile_id", "contact_id", "subscriber_id",
        "loyalty_id", "card_id", "card_number", "visitor_id", "user_pseudo_id", "full_visitor_id",
        "customer_reference_id", "customer", "client", "user", "buyer", "customer_email", "billing_email",
        "buyer_email", "payer_email", "email_address", "email", "mail", "cust_no", "cust_number", "cust_code",
        "cust", "guest_id", "patron_id", "kundennummer", "kunden_id", "kundennr", "kunde", "client_code",
        "numero_client", "cliente", "cliente_id", "id_cliente", "klant", "klantnummer",
    ),
    "time": (
        "order_ts", "order_date", "order_time", "order_datetime", "order_timestamp", "order_created_at",
        "order_purchase_timestamp", "purchase_date", "purchase_time", "purchase_timestamp", "purchased_at",
        "invoice_date", "transaction_date", "transaction_time", "transaction_ts", "trans_date", "txn_date",
        "sale_date", "sales_date", "created_at", "created_date", "created_on", "created_date_utc", "created",
        "date_created", "created_utc", "placed_at", "paid_at", "processed_at", "completed_at", "date_paid",
        "payment_date", "event_timestamp", "event_time", "event_date", "order_day", "timestamp", "datetime", "date",
        "day", "ts", "dt", "time", "t_dat", "inv_date", "order_dt", "ord_date", "txn_time", "trx_date",
        "purchase_ts", "sold_at", "bestelldatum", "rechnungsdatum", "datum", "date_commande", "date_achat", "fecha",
        "fecha_pedido", "data", "data_pedido", "besteldatum",
    ),
    "amount": (
        "amount", "line_total", "line_amount", "line_item_total", "item_total", "net_amount", "net_revenue",
        "net_sales", "revenue", "sales_amount", "sales_value", "sale_amount", "sale_price", "total_price",
        "total_amount", "amount_paid", "paid_amount", "order_amount", "order_value", "order_total", "grand_total",
        "purchase_amount", "purchase_revenue", "transaction_amount", "total_spent", "spend", "payment_value",
        "net_value", "net_total", "turnover", "sales", "total", "subtotal", "value", "amt", "gross_sales",
        "gross_amount", "extended_price", "extended_amount", "ext_price", "ext_amount", "line_revenue",
        "line_value", "umsatz", "betrag", "gesamtbetrag", "montant", "montant_total", "importe", "importe_total",
        "valor", "valor_total", "bedrag", "omzet",
    ),
    "order": (
        "order_id", "order_no", "order_number", "order_nr", "order_name", "order_reference", "order_key",
        "increment_id", "invoice_no", "invoice_id", "invoice_number", "invoice", "transaction_id", "transaction_no",
        "trans_id", "txn_id", "basket_id", "receipt_id", "receipt_no", "receipt_number", "bill_no", "ticket_id",
        "sale_id", "sales_id", "purchase_id", "checkout_id", "payment_id", "order", "receipt", "inv_no", "ord_no",
        "ord_id", "order_code", "trx_id", "bestellnummer", "rechnungsnummer", "numero_commande", "pedido",
        "pedido_id", "id_pedido", "ordernummer", "factuurnummer",
    ),
    "margin": (
        "margin", "gross_margin", "contribution_margin", "contribution", "profit", "gross_profit", "net_profit",
        "margin_amount",
    ),
    "cost": (
        "cost", "cogs", "cost_of_goods_sold", "total_cost", "line_cost", "cost_amount", "product_cost",
    ),
    "return_flag": (
        "return_flag", "is_return", "is_returned", "returned", "is_refund", "refunded", "is_refunded",
    ),
    "unit_price": (
        "unit_price", "item_price", "price_each", "price_per_unit", "lineitem_price", "sell_price", "price",
        "einzelpreis", "stueckpreis", "prix_unitaire", "precio_unitario", "precio", "preco",
    ),
    "quantity": (
        "quantity", "qty", "quantity_purchased", "quantity_ordered", "order_quantity", "qty_ordered",
        "item_quantity", "lineitem_quantity", "units", "units_sold", "n_items", "menge", "anzahl", "quantite",
        "cantidad", "quantidade", "aantal",
    ),
    "product": (
        "sku", "product_id", "item_id", "stock_code", "article_id", "asin", "lineitem_sku", "product_code", "upc",
        "ean", "product_name", "item_name", "lineitem_name", "product", "item", "description", "artikel",
        "artikelnummer", "produit", "producto", "produto",
    ),
    "group": (
        "country", "category", "product_category", "brand", "channel", "source", "store", "store_id", "shop",
        "region", "city", "state", "department", "campaign", "sales_channel", "location", "vendor", "land", "pays",
        "pais", "kategorie", "categorie", "categoria",
    ),
}  # fmt: skip
"""Names by role, the likeliest first, English before others. Beside the roles of the mapping: what an amount is worked
out from, and what customers may be compared by."""

HUNDREDTHS = ("cents", "cent", "pence", "minor")
"""How the name of a column of money ends that counts in hundredths."""

CLOSE = 0.85
"""How alike a name and an alias must be for one to be a misspelling of the other, as `difflib` measures it."""
SHORTEST_PART = 5
"""Letters of an alias that makes a role probable as the end of a longer name, as in `shop_order_date`."""


def plain(name: str) -> str:
    """A name without case, spaces and signs: `Customer ID`, `customer-id` and `CustomerID` are one."""
    return re.sub(r"[\W_]+", "", name.casefold())


PLAIN = {role: tuple(map(plain, aliases)) for role, aliases in ALIASES.items()}


def called(role: str, columns: Iterable[str]) -> list[str]:
    """The columns that are called as the role usually is, the likeliest first.

    Names that are an alias come first, in the order of the aliases; then names that end in one; then misspellings.
    """
    names = list(columns)
    folded = {name: plain(name) for name in names}
    exact = [name for alias in PLAIN[role] for name in names if folded[name] == alias]
    every = {alias for aliases in PLAIN.values() for alias in aliases}
    others = [name for name in names if folded[name] not in every]
    ends = [
        name for alias in PLAIN[role] if len(alias) >= SHORTEST_PART for name in others if folded[name].endswith(alias)
    ]
    near = [name for name in others if difflib.get_close_matches(folded[name], PLAIN[role], n=1, cutoff=CLOSE)]
    return list(dict.fromkeys([*exact, *ends, *near]))
