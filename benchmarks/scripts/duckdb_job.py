"""What a user of DuckDB would write instead: one statement, from order lines to ranked and segmented customers.

`python duckdb_job.py ORDERS OUT`: sums of customer-days, then a customer's counts, dates and sums, their value of the
last year and of the last two spans of 90 days, quintiles of recency, frequency and value, rank and running share of
value, and a segment; zstd Parquet in the order of ids. No model is fitted, no order counted, no line refused, no return
told from a sale, and nothing is measured over time.
"""

import sys

import duckdb

JOB = """
copy (
    with days as (
        select customer_id, order_ts::date as day, sum(amount) as revenue, sum(margin) as value, count(*) as n_lines
        from read_parquet('{orders}/*.parquet') group by customer_id, day
    ), until as (
        select max(day) as last from days
    ), customers as (
        select customer_id, min(day) as first_purchase, max(day) as last_purchase, count(*) as n_purchase_days,
            sum(n_lines) as n_lines, round(sum(revenue), 2) as revenue, round(sum(value), 2) as value,
            any_value(last) - max(day) as days_since_last,
            arg_min(value, day) as first_value,
            coalesce(sum(value) filter (day > last - 365), 0) as year_value,
            coalesce(sum(value) filter (day > last - 90), 0) as recent_value,
            coalesce(sum(value) filter (day > last - 180 and day <= last - 90), 0) as earlier_value
        from days, until group by customer_id
    ), scored as (
        select *, ntile(5) over (order by days_since_last desc) as r_score,
            ntile(5) over (order by n_purchase_days) as f_score,
            ntile(5) over (order by value) as m_score,
            rank() over (order by value desc) as value_rank,
            sum(value) over (order by value desc) / sum(value) over () as cumulative_value_share
        from customers
    )
    select *, case
            when r_score >= 4 and f_score >= 4 then 'Champions'
            when r_score >= 3 and f_score >= 3 then 'Loyal customers'
            when r_score >= 4 and f_score = 1 then 'New customers'
            when r_score >= 4 then 'Potential loyalists'
            when r_score = 3 then 'About to sleep'
            when f_score >= 4 then 'At risk'
            else 'Hibernating' end as segment
    from scored order by customer_id
) to '{out}' (format parquet, compression zstd)
"""

if __name__ == "__main__":
    duckdb.sql(JOB.format(orders=sys.argv[1], out=sys.argv[2]))
