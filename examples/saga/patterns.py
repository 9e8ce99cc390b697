"""Both sagas, driven: orders that go well, orders that fail at each step, and a platform that is killed while they run."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from examples.platform import Platform
from examples.report import Report, check, deploy, expect, until

HERE = Path(__file__).parent
MONEY, PIECES, PLACES = 1_000_000, 10_000, 10_000
ORDER = {"customer": "ann", "item": "chair", "area": "north", "amount": 120}
KILLS = int(os.environ.get("KILLS", "8"))
ORDERS_PER_KILL = 10
PATIENCE_S = 300.0


class Shop:
    """A deployed saga, and what its services hold."""

    def __init__(self, platform: Platform, outputs: dict[str, str]) -> None:
        self.platform = platform
        self.outputs = outputs
        self.placed: list[str] = []
        rows = {"PaymentData": ("ann", "balance", MONEY), "StockData": ("chair", "pieces", PIECES)}
        for table, (row, column, number) in {**rows, "DeliveryData": ("north", "places", PLACES)}.items():
            self._put(table, {"id": row, column: number})
        self._put("PaymentData", {"id": "bob", "balance": 5})
        self._put("StockData", {"id": "throne", "pieces": 0})
        self._put("DeliveryData", {"id": "moon", "places": 0})

    def order(self, **changes: Any) -> str:
        """Place an order; its id."""
        answer = self.platform.api(self.outputs["Api"], "POST", "/orders", {**ORDER, **changes})
        order_id: str = expect(answer, 202)[1]["id"]
        self.placed.append(order_id)
        return order_id

    def status(self, order_id: str) -> str:
        status: str = expect(self.platform.api(self.outputs["Api"], "GET", f"/orders/{order_id}"), 200)[1]["status"]
        return status

    def ends(self, order_id: str, status: str) -> float:
        """Wait for an order's end; milliseconds."""
        waited = until(lambda: self.status(order_id) != "PLACED", f"order {order_id} has ended", limit_s=PATIENCE_S)
        check(self.status(order_id) == status, f"order {order_id} is {self.status(order_id)}, not {status}")
        return waited

    def adds_up(self) -> Counter[str]:
        """Check that money, stock and deliveries are what the confirmed orders make of them; the orders by status."""
        statuses = Counter(self.status(order_id) for order_id in self.placed)
        confirmed = statuses["CONFIRMED"]
        check(confirmed + statuses["FAILED"] == len(self.placed), f"orders have not ended: {statuses}")
        there = (self._number("PaymentData", "ann"), self._number("StockData", "chair"), self._number("DeliveryData", "north"))  # fmt: skip
        wanted = (MONEY - confirmed * ORDER["amount"], PIECES - confirmed, PLACES - confirmed)  # type: ignore[operator]
        check(there == wanted, f"money, pieces and places are {there}, and should be {wanted}")
        return statuses

    def _put(self, table: str, row: dict[str, Any]) -> None:
        item = {name: {"N": str(value)} if isinstance(value, int) else {"S": value} for name, value in row.items()}
        self.platform.client("dynamodb").put_item(TableName=self.outputs[table], Item=item)

    def _number(self, table: str, row: str) -> int:
        item = self.platform.client("dynamodb").get_item(
            TableName=self.outputs[table], Key={"id": {"S": row}}, ConsistentRead=True
        )["Item"]
        return next(int(value["N"]) for value in item.values() if "N" in value)


def orchestration(platform: Platform, report: Report) -> None:
    """The saga conducted by a state machine."""
    report.pattern("Saga by orchestration", "A state machine asks each service, and undoes backwards when one fails.")
    shop = Shop(platform, deploy(platform, report, HERE / "orchestration.yaml"))
    _orders(shop, report)
    waited = shop.ends(shop.order(slowly=5), "FAILED")
    report.step("a warehouse that takes 5 s is given up after 3, and what it does later is refused", waited)
    _kills(shop, report)


def choreography(platform: Platform, report: Report) -> None:
    """The saga that nobody conducts."""
    report.pattern("Saga by choreography", "Each service reacts to the others' events and tells how its step went.")
    shop = Shop(platform, deploy(platform, report, HERE / "choreography.yaml"))
    _orders(shop, report)
    _kills(shop, report)


def _orders(shop: Shop, report: Report) -> None:
    report.step("an order -> charged, taken, booked, CONFIRMED", shop.ends(shop.order(), "CONFIRMED"))
    for what, changes in (
        ("no money", {"customer": "bob"}),
        ("no stock", {"item": "throne"}),
        ("no delivery", {"area": "moon"}),
    ):
        report.step(f"an order with {what} -> undone, FAILED", shop.ends(shop.order(**changes), "FAILED"))
    shop.adds_up()
    report.step("money, stock and deliveries add up")


def _kills(shop: Shop, report: Report) -> None:
    """`kill -9` at random moments while orders run, some of which fail."""
    chance = random.Random(7)
    failing: list[dict[str, Any]] = [{}, {}, {"item": "throne"}, {"area": "moon"}]
    began = time.perf_counter()
    for _ in range(KILLS):
        for _ in range(ORDERS_PER_KILL):
            shop.order(**chance.choice(failing))
        time.sleep(chance.uniform(0, 0.5))  # somewhere in the middle of what they do
        shop.platform.kill()
        shop.platform.start()
    _until_ended(shop)
    statuses = shop.adds_up()
    report.step(
        f"{KILLS} times kill -9 among {KILLS * ORDERS_PER_KILL} orders: {statuses['CONFIRMED']} CONFIRMED, "
        f"{statuses['FAILED']} FAILED in all, and everything adds up",
        1000 * (time.perf_counter() - began),
    )


def _until_ended(shop: Shop) -> None:
    """Retries wait a minute and more; the clock makes that short."""
    waiting = list(shop.placed)

    def ended() -> bool:
        while waiting and shop.status(waiting[-1]) != "PLACED":
            waiting.pop()
        if waiting:
            shop.platform.advance(20)
        return not waiting

    until(ended, "every order has ended", pause_s=0.2, limit_s=PATIENCE_S)


PATTERNS: tuple[Callable[[Platform, Report], None], ...] = (orchestration, choreography)
