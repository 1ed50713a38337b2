"""How long a change of the catalog takes to be in the other regions' tables: python load/lag.py --times 100

Changes one restaurant again and again in the master region, and asks the other tables until they have it. It says the
same of either way of copying, so it compares them; deploy with Replication=stream or Replication=global-table first.
"""

import argparse
import statistics
import time

import boto3

KEY = {"id": "measured-by-lag"}
ABOUT = {"name": "Lag", "city": "Nowhere", "cuisine": "None", "jurisdiction": "EU", "rating": 0, "menus": {}}


def measure(master, others, times):
    """Region -> milliseconds from the master's answer until the change can be read there, change by change."""
    took = {region: [] for region in others}
    for _ in range(times):
        version = time.time_ns() // 1_000_000
        master.put_item(Item=KEY | ABOUT | {"version": version, "changed_ms": version})
        written, waiting = time.monotonic(), dict(others)
        while waiting:
            for region, table in list(waiting.items()):
                if table.get_item(Key=KEY).get("Item", {}).get("version") == version:
                    took[region].append((time.monotonic() - written) * 1000)
                    del waiting[region]
    master.delete_item(Key=KEY)
    return took


def main():
    options = argparse.ArgumentParser(description="Measure how far the copies of the catalog lag behind.")
    options.add_argument("--regions", default="us-east-1,eu-west-1,eu-central-1", help="the master first")
    options.add_argument("--table", default="food-catalog-restaurants")
    options.add_argument("--times", type=int, default=100)
    given = options.parse_args()
    tables = {
        region: boto3.resource("dynamodb", region_name=region).Table(given.table) for region in given.regions.split(",")
    }
    master = tables.pop(next(iter(tables)))
    for region, took_ms in measure(master, tables, given.times).items():
        median, p95 = statistics.median(took_ms), statistics.quantiles(took_ms, n=20)[-1]
        print(f"{region}: half within {median:.0f} ms, 95 of 100 within {p95:.0f} ms, all within {max(took_ms):.0f} ms")


if __name__ == "__main__":
    main()
