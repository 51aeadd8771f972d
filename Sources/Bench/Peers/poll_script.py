"""The script that a good engineer would write instead: aiohttp, orjson, xxhash and SQLite.

poll_script.py URL RECORDS SIZE DATABASE [events]: reads every page, compares each record with
the hashes that are stored, and with `events` stores each change as an event in the same
transaction. It has no schedule, retries, validation or delivery.
"""
import asyncio
import sqlite3
import sys

import aiohttp
import orjson
import xxhash

try:
    import uvloop
except ImportError:
    uvloop = None


def opened(path):
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute(
        "CREATE TABLE IF NOT EXISTS record (key TEXT PRIMARY KEY, hash BLOB) WITHOUT ROWID")
    database.execute(
        "CREATE TABLE IF NOT EXISTS event (id INTEGER PRIMARY KEY, type TEXT, key TEXT, body BLOB)")
    return database


def compare(body, known, seen, records, events):
    for record in orjson.loads(body)["data"]:
        key = str(record["id"])
        text = orjson.dumps(record, option=orjson.OPT_SORT_KEYS)
        digest = xxhash.xxh3_128_digest(text)
        seen.add(key)
        before = known.get(key)
        if before == digest:
            continue
        records.append((key, digest))
        kind = "created" if before is None else "updated"
        if events is not None:
            payload = {"type": "orders." + kind, "data": {"key": key, "record": record}}
            events.append(("orders." + kind, key, orjson.dumps(payload)))


async def poll(url, count, size, path, keeps_events):
    database = opened(path)
    known = dict(database.execute("SELECT key, hash FROM record"))
    seen = set()
    pages = asyncio.Queue()
    for page in range(1, (count + size - 1) // size + 1):
        pages.put_nowait(page)
    async with aiohttp.ClientSession() as session:

        async def work():
            while not pages.empty():
                page = pages.get_nowait()
                async with session.get(url, params={"page": str(page)}) as response:
                    body = await response.read()
                records, events = [], [] if keeps_events else None
                compare(body, known, seen, records, events)
                if not records:
                    continue
                database.execute("BEGIN")
                database.executemany(
                    "INSERT INTO record VALUES (?, ?) ON CONFLICT DO UPDATE SET hash = excluded.hash",
                    records)
                if events:
                    database.executemany(
                        "INSERT INTO event (type, key, body) VALUES (?, ?, ?)", events)
                database.execute("COMMIT")

        await asyncio.gather(*(work() for _ in range(8)))
    gone = known.keys() - seen
    if gone:
        database.executemany("DELETE FROM record WHERE key = ?", [(key,) for key in gone])


if __name__ == "__main__":
    if uvloop is not None:
        uvloop.install()
    asyncio.run(
        poll(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], "events" in sys.argv[5:]))
