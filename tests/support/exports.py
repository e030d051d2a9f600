"""Exports as shops and tools write them: their headers, their spellings, and the usual mess; with what is true of each.

Every export is a frame of text, as a CSV file is, unless the tool writes types; beside it stand the sales that a reader
must find in it, worked out from the shop and not from the text: customer, order and cents a line.
"""

from datetime import datetime, timedelta

import numpy as np
import polars as pl

SOLD, GONE = ("paid", "refunded", "partly"), ("void",)
MAGENTO = {"paid": "complete", "partly": "complete", "refunded": "closed", "void": "canceled"}
STRIPE = {"paid": "Paid", "refunded": "Refunded", "partly": "Paid", "void": "Failed"}
BIGCOMMERCE = {"paid": "Completed", "refunded": "Refunded", "partly": "Partially Refunded", "void": "Cancelled"}
PRODUCTS = ("Mug, blue", 'Tea "Earl Grey"', "Teapot", "Tray")


def shop(n_orders=1_500, seed=7):
    """Lines of orders: who bought what, in cents, what was taken off and given back; guests have no customer."""
    rng = np.random.default_rng(seed)
    n_lines = rng.integers(1, 5, n_orders)
    customer = rng.zipf(1.4, n_orders) % (n_orders // 4)
    is_guest = rng.random(n_orders) < 0.04
    minutes = np.sort(rng.integers(0, 700 * 1440, n_orders))
    status = rng.choice([*SOLD, *GONE], n_orders, p=[0.88, 0.04, 0.04, 0.04])
    order = np.repeat(np.arange(n_orders), n_lines)
    lines = pl.DataFrame(
        {
            "order": order,
            "customer": [None if is_guest[i] else int(customer[i]) for i in order],
            "time": [datetime(2023, 1, 2) + timedelta(minutes=int(minutes[i])) for i in order],
            "status": [str(status[i]) for i in order],
            "product": rng.choice(PRODUCTS, len(order)),
            "quantity": rng.integers(1, 7, len(order)),
            "price": rng.integers(150, 90_000, len(order)),
            "upper": rng.integers(0, 3, n_orders)[order],
        }
    )
    total = pl.col("quantity") * pl.col("price")
    return lines.with_columns(
        line=pl.int_range(pl.len()).over("order"),
        subtotal=(total.sum() * 9 // 10).over("order"),
        discount=(total.sum() - total.sum() * 9 // 10).over("order"),
        shipping=pl.lit(495),
        refunded=pl.when(status="refunded")
        .then((total.sum() * 9 // 10).over("order"))
        .when(status="partly")
        .then((total.sum() // 3).over("order"))
        .otherwise(0),
        email=pl.format("Customer{}@Example.com", "customer"),
    ).with_columns(
        tax=pl.col("subtotal") // 5,
        email=pl.when(upper=0)
        .then(pl.col("email").str.to_uppercase())
        .when(upper=1)
        .then(pl.col("email").str.to_lowercase() + " ")
        .otherwise("email"),
    )


def orders_of(lines):
    """A line an order."""
    return lines.filter(line=0)


def money(cents, spelled="{:.2f}"):
    """Cents as text."""
    return pl.col(cents).map_elements(lambda n: spelled.format(n / 100), return_dtype=pl.String)


def dollars(cents):
    """As spreadsheets have it: $1,234.50, and losses in brackets."""
    return pl.col(cents).map_elements(
        lambda n: f"${n / 100:,.2f}" if n >= 0 else f"(${-n / 100:,.2f})", return_dtype=pl.String
    )


def when(written):
    """Times as text."""
    return pl.col("time").dt.strftime(written)


def on_first(value):
    """What stands on the first line of an order only."""
    return pl.when(pl.col("line") == 0).then(value)


def sales(lines, cents, customer=None):
    """What is true: the lines that are sales of a customer, with their cents."""
    known = pl.col("email").str.strip_chars().str.to_lowercase() if customer is None else customer
    return lines.filter(pl.col("customer").is_not_null()).select(customer=known, order="order", cents=cents)


def net(lines):
    """Subtotal less what was given back, of orders that were not voided."""
    kept = orders_of(lines).filter(pl.col("status").is_in(SOLD))
    return sales(kept, pl.col("subtotal") - pl.col("refunded"))


def shopify(lines):
    status = pl.col("status").replace({"partly": "partially_refunded", "void": "voided"})
    frame = lines.select(
        pl.format("#{}", pl.col("order") + 1001).alias("Name"),
        on_first(pl.col("email")).alias("Email"),
        on_first(status).alias("Financial Status"),
        on_first(when("%Y-%m-%d %H:%M:%S +0100")).alias("Paid at"),
        on_first(pl.lit("GBP")).alias("Currency"),
        on_first(money("subtotal")).alias("Subtotal"),
        on_first(money("shipping")).alias("Shipping"),
        on_first(money("tax")).alias("Taxes"),
        on_first(money("discount")).alias("Discount Amount"),
        on_first(when("%Y-%m-%d %H:%M:%S +0100")).alias("Created at"),
        pl.col("quantity").cast(pl.String).alias("Lineitem quantity"),
        pl.col("product").alias("Lineitem name"),
        money("price").alias("Lineitem price"),
        pl.lit("").alias("Lineitem compare at price"),
        on_first(money("refunded")).alias("Refunded Amount"),
        pl.lit("0.00").alias("Lineitem discount"),
    )
    return frame, net(lines)


def shopify_orders(lines):
    frame = shopify(lines)[0].filter(pl.col("Subtotal").is_not_null())
    return frame.drop(name for name in frame.columns if name.startswith("Lineitem")), net(lines)


def woocommerce(lines):
    total = pl.col("subtotal") + pl.col("tax") + pl.col("shipping")
    frame = (
        orders_of(lines)
        .with_columns(total=total)
        .select(
            pl.col("order").cast(pl.String).alias("order_id"),
            pl.format("WC-{}", "order").alias("order_number"),
            when("%Y-%m-%d %H:%M:%S").alias("date"),
            pl.col("status")
            .replace(
                {"paid": "wc-completed", "partly": "wc-completed", "refunded": "wc-refunded", "void": "wc-cancelled"}
            )
            .alias("status"),
            money("shipping").alias("shipping_total"),
            money("tax").alias("tax_total"),
            money("discount").alias("discount_total"),
            money("total").alias("order_total"),
            money("refunded").alias("refunded_total"),
            pl.lit("EUR").alias("order_currency"),
            pl.col("customer").fill_null(0).cast(pl.String).alias("customer_id"),
            pl.col("email").fill_null("").alias("billing_email"),
        )
    )
    return frame, net(lines)


def woocommerce_items(lines):
    kept = lines.filter(pl.col("status").is_in(SOLD))
    frame = lines.select(
        pl.col("order").cast(pl.String).alias("Order Number"),
        pl.col("status").replace({"paid": "Completed", "partly": "Completed", "void": "Failed"}).alias("Order Status"),
        when("%d/%m/%Y %H:%M").alias("Order Date"),
        pl.col("email").alias("Email (Billing)"),
        pl.col("product").alias("Item Name"),
        pl.col("quantity").cast(pl.String).alias("Quantity"),
        money("price", "{:.2f} €").str.replace(".", ",", literal=True).alias("Item Cost"),
    )
    return frame, sales(kept, pl.col("quantity") * pl.col("price"))


def magento(lines):
    frame = orders_of(lines).select(
        pl.format("0000{}", pl.col("order") + 10_000).alias("ID"),
        pl.lit("Main Website").alias("Purchase Point"),
        when("%b %d, %Y %I:%M:%S %p").alias("Purchase Date"),
        dollars("subtotal").alias("Grand Total (Base)"),
        dollars("subtotal").alias("Grand Total (Purchased)"),
        pl.col("status").replace(MAGENTO).alias("Status"),
        pl.col("email").alias("Customer Email"),
        dollars("refunded").alias("Total Refunded"),
    )
    return frame, net(lines)


def magento_sales_order(lines):
    frame = orders_of(lines).select(
        pl.col("order").alias("entity_id"),
        pl.format("0000{}", pl.col("order") + 10_000).alias("increment_id"),
        pl.col("status").replace(MAGENTO).alias("status"),
        pl.col("email").alias("customer_email"),
        pl.col("time").alias("created_at"),
        (pl.col("subtotal") / 100).alias("base_grand_total"),
        pl.when(pl.col("refunded") > 0).then(pl.col("refunded") / 100).alias("base_total_refunded"),
    )
    return frame, net(lines)


def stripe(lines, time="Created date (UTC)"):
    orders = orders_of(lines).with_columns(id=pl.format("cus_{}", "customer"))
    frame = orders.select(
        pl.format("ch_{}", "order").alias("id"),
        when("%Y-%m-%d %H:%M:%S").alias(time),
        money("subtotal", "{:,.2f}").alias("Amount"),
        money("refunded", "{:,.2f}").alias("Amount Refunded"),
        pl.lit("usd").alias("Currency"),
        pl.lit("true").alias("Captured"),
        pl.col("status").replace(STRIPE).alias("Status"),
        pl.col("id").fill_null("").alias("Customer ID"),
        pl.col("email").alias("Customer Email"),
    )
    kept = orders.filter(pl.col("status").is_in(SOLD))
    return frame, sales(kept, pl.col("subtotal") - pl.col("refunded"), pl.col("id"))


def stripe_charges(lines):
    return stripe(lines, "Created (UTC)")


def square(lines):
    lines = lines.with_columns(id=pl.format("SQ{}", "customer"), is_return=pl.col("status") == "refunded")
    sign = pl.when("is_return").then(-1).otherwise(1)
    lines = lines.with_columns(net=sign * pl.col("quantity") * pl.col("price"))
    frame = lines.select(
        when("%m/%d/%y").alias("Date"),
        when("%H:%M:%S").alias("Time"),
        pl.col("product").alias("Item"),
        pl.col("quantity").cast(pl.String).alias("Qty"),
        dollars("net").alias("Gross Sales"),
        dollars("net").alias("Net Sales"),
        pl.format("T{}", "order").alias("Transaction ID"),
        pl.when("is_return").then(pl.lit("Refund")).otherwise(pl.lit("Payment")).alias("Event Type"),
        pl.col("id").alias("Customer ID"),
    )
    return frame, sales(lines, pl.col("net"), pl.col("id"))


def bigcommerce(lines):
    frame = (
        orders_of(lines)
        .with_columns(total=pl.col("subtotal") + pl.col("shipping"))
        .select(
            pl.col("order").cast(pl.String).alias("Order ID"),
            pl.col("customer").fill_null(0).cast(pl.String).alias("Customer ID"),
            pl.col("email").alias("Customer Email"),
            when("%d/%m/%Y").alias("Order Date"),
            pl.col("status").replace(BIGCOMMERCE).alias("Order Status"),
            money("shipping").alias("Shipping Cost (ex tax)"),
            money("total").alias("Order Total (ex tax)"),
            money("refunded").alias("Refund Amount"),
        )
    )
    return frame, net(lines)


def amazon_orders(lines):
    lines = lines.with_columns(total=pl.col("quantity") * pl.col("price"), off=pl.lit(-100))
    frame = lines.select(
        pl.format("026-{}", "order").alias("order-id"),
        pl.format("{}-{}", "order", "line").alias("order-item-id"),
        when("%Y-%m-%dT%H:%M:%S+00:00").alias("purchase-date"),
        pl.col("email").alias("buyer-email"),
        pl.col("product").alias("sku"),
        pl.col("quantity").cast(pl.String).alias("quantity-purchased"),
        pl.lit("GBP").alias("currency"),
        money("total").alias("item-price"),
    )
    return frame, sales(lines, pl.col("total"))


def amazon_shipments(lines):
    frame, true = amazon_orders(lines)
    frame = frame.rename({"order-id": "amazon-order-id", "quantity-purchased": "quantity-shipped"})
    frame = frame.with_columns(pl.lit("D1").alias("shipment-id"), pl.lit("-1.00").alias("item-promotion-discount"))
    return frame, true.with_columns(pl.col("cents") - 100)


def ga4_flat(lines):
    orders = orders_of(lines).with_columns(visitor=pl.format("{}.1", pl.col("customer").fill_null(pl.col("order"))))
    who = pl.when(pl.col("customer") % 2 == 0).then(pl.format("u{}", "customer"))
    event = pl.when(status="refunded").then(pl.lit("refund")).when(status="void").then(pl.lit("page_view"))
    orders = orders.with_columns(who=who, event=event.otherwise(pl.lit("purchase")))
    is_sale, is_refund = pl.col("event") == "purchase", pl.col("event") == "refund"
    frame = orders.select(
        when("%Y%m%d").alias("event_date"),
        pl.col("time").dt.epoch("us").alias("event_timestamp"),
        pl.col("event").alias("event_name"),
        pl.col("who").alias("user_id"),
        pl.col("visitor").alias("user_pseudo_id"),
        pl.format("t{}", "order").alias("transaction_id"),
        pl.when(is_sale).then(pl.col("subtotal") / 100).alias("purchase_revenue"),
        pl.when(is_refund).then(pl.col("subtotal") / 100).alias("refund_value"),
    )
    kept = orders.filter(is_sale | is_refund)
    cents = pl.when(is_refund).then(-pl.col("subtotal")).otherwise("subtotal")
    return frame, kept.select(customer=pl.coalesce("who", "visitor"), order="order", cents=cents)


def ga4(lines):
    frame, true = ga4_flat(lines)
    nested = ["transaction_id", "purchase_revenue", "refund_value"]
    return frame.with_columns(ecommerce=pl.struct(nested)).drop(nested), true


def olist(lines):
    frame = lines.select(
        pl.format("o{}", "order").alias("order_id"),
        pl.format("c{}", "order").alias("customer_id"),
        pl.format("u{}", "customer").alias("customer_unique_id"),
        pl.col("status").replace({"void": "canceled", "paid": "delivered"}).alias("order_status"),
        when("%Y-%m-%d %H:%M:%S").alias("order_purchase_timestamp"),
        (pl.col("price") / 100).alias("price"),
        (pl.col("shipping") / 100).alias("freight_value"),
    )
    return frame, sales(lines.filter(pl.col("status").is_in(SOLD)), pl.col("price"), pl.format("u{}", "customer"))


def online_retail(lines):
    sign = pl.when(status="refunded").then(-1).otherwise(1)
    lines = lines.with_columns(sold=sign * pl.col("quantity"))
    frame = lines.select(
        (pl.when(status="refunded").then(pl.lit("C")).otherwise(pl.lit("")) + pl.col("order").cast(pl.String)).alias(
            "InvoiceNo"
        ),
        pl.col("product").alias("StockCode"),
        pl.col("sold").alias("Quantity"),
        when("%m/%d/%Y %H:%M").alias("InvoiceDate"),
        (pl.col("price") / 100).alias("UnitPrice"),
        pl.col("customer").cast(pl.Float64).alias("CustomerID"),
        pl.lit("United Kingdom").alias("Country"),
    )
    return frame, sales(lines, pl.col("sold") * pl.col("price"), pl.col("customer").cast(pl.String))


def online_retail_ii(lines):
    frame, true = online_retail(lines)
    return frame.rename({"InvoiceNo": "Invoice", "UnitPrice": "Price", "CustomerID": "Customer ID"}), true


EXPORTS = {
    "shopify": shopify,
    "shopify-orders": shopify_orders,
    "woocommerce": woocommerce,
    "woocommerce-items": woocommerce_items,
    "magento": magento,
    "magento-sales-order": magento_sales_order,
    "stripe": stripe,
    "stripe-charges": stripe_charges,
    "square": square,
    "bigcommerce": bigcommerce,
    "amazon-orders": amazon_orders,
    "amazon-shipments": amazon_shipments,
    "ga4": ga4,
    "ga4-flat": ga4_flat,
    "olist": olist,
    "online-retail": online_retail,
    "online-retail-ii": online_retail_ii,
}
"""An export by the name of its preset: a function of the shop's lines that gives the frame and what is true of it."""
